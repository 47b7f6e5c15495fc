import { expect, test } from 'vitest';
import { bootstrap } from './interval.ts';

test('gives the same interval for the same values, around their mean', () => {
  const values = Array.from({ length: 100 }, (_, place) => place % 10);
  const first = bootstrap(values);
  expect(bootstrap(values)).toEqual(first);
  expect(first.mean).toBe(4.5);
  // the standard error is 2.87 / √100, and 1.96 of it lie on each side
  expect(first.low).toBeCloseTo(4.5 - 0.563, 0);
  expect(first.high).toBeCloseTo(4.5 + 0.563, 0);
  expect(first.high - first.low).toBeGreaterThan(0.9);
  expect(first.high - first.low).toBeLessThan(1.4);
});

test('has no width where all values are the same', () => {
  expect(bootstrap([2, 2, 2])).toEqual({ mean: 2, low: 2, high: 2 });
  expect(bootstrap([])).toEqual({ mean: 0, low: 0, high: 0 });
});
