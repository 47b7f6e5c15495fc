import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { medianLength, readSets } from './sets.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'slipway-sets-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('reads every set of a folder', () => {
  const line = (document: string, ...references: string[]) => JSON.stringify({ id: 'x', document, references });
  writeFileSync(path.join(folder, 'b.jsonl'), `${line('Text.', 'a b', 'a b c')}\n${line('More.', 'a')}\n`);
  writeFileSync(path.join(folder, 'a.jsonl'), line('Alone.', 'a b c d'));
  writeFileSync(path.join(folder, 'README.md'), 'not a set');
  expect(readSets(folder)).toEqual([
    { name: 'a', docs: [{ text: 'Alone.', references: ['a b c d'] }], budget: 4 },
    {
      name: 'b',
      docs: [
        { text: 'Text.', references: ['a b', 'a b c'] },
        { text: 'More.', references: ['a'] },
      ],
      budget: 2,
    },
  ]);
});

test('has no sets where the folder is missing', () => {
  expect(readSets(path.join(folder, 'nowhere'))).toEqual([]);
});

test('takes the mean of the two in the middle, rounded down', () => {
  expect(medianLength([{ text: '', references: ['a', 'a b c d'] }])).toBe(2);
  expect(medianLength([])).toBe(0);
});
