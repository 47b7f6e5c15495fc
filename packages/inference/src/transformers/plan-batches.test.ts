import { expect, test } from 'vitest';
import { planBatches, type Sharing } from './plan-batches.ts';

const limits = { maxRows: 4, maxCells: 100 };
const plan = (lengths: number[], sharing: Sharing = 'any length') =>
  planBatches(
    lengths.map((length) => ({ length })),
    sharing,
    limits,
  ).map((batch) => batch.map(({ length }) => length));

test('the shortest come first, and the rows are bounded', () => {
  expect(plan([3, 2, 4, 2, 3, 2])).toEqual([
    [2, 2, 2, 3],
    [3, 4],
  ]);
});

test('the longest is at most twice the shortest', () => {
  expect(plan([10, 20, 21])).toEqual([[10, 20], [21]]);
});

test('what a batch computes is bounded, its padding included', () => {
  expect(plan([25, 25, 25, 25, 26])).toEqual([[25, 25, 25, 25], [26]]);
  expect(plan([25, 25, 25, 26])).toEqual([[25, 25, 25], [26]]);
  expect(plan([300, 200])).toEqual([[200], [300]]);
});

test('where padding changes results, only equal lengths go together', () => {
  expect(plan([3, 2, 3, 2, 4], 'equal length')).toEqual([[2, 2], [3, 3], [4]]);
});

test("where rows change one another's results, each goes alone", () => {
  expect(plan([3, 2, 3], 'never')).toEqual([[2], [3], [3]]);
});
