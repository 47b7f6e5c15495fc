import type { Progress } from '@slipway/contract/jobs';
import { expect, test } from 'vitest';
import { createMeter } from './meter.ts';

test('tells tokens done, of those expected', () => {
  const reports: Progress[] = [];
  const meter = createMeter((progress) => reports.push(progress));
  meter.begin('part 1 of 2', 10);
  meter.add(1);
  meter.add(4);
  expect(reports).toEqual([
    { ratio: 0, stage: 'summarizing', message: 'part 1 of 2' },
    { ratio: 0.1, stage: 'summarizing', message: 'part 1 of 2' },
    { ratio: 0.5, stage: 'summarizing', message: 'part 1 of 2' },
  ]);
});

test('never goes back, and never past the end', () => {
  const ratios: number[] = [];
  const meter = createMeter(({ ratio }) => ratios.push(ratio));
  meter.begin('first', 10);
  meter.add(8);
  meter.begin('more than thought', 100);
  meter.add(150);
  expect(ratios).toEqual([0, 0.8, 0.8, 1]);
});
