import { expect, test } from 'vitest';
import { tabulate } from './table.ts';
import { likenessToWhole, unitVectors } from './vectors.ts';

test('gives each sentence a vector of length 1, rare words weighing more', () => {
  const [a, b, c, d, e] = unitVectors(tabulate([[0, 1], [0, 2, 2], [3]], 4));
  expect((a ?? 0) ** 2 + (b ?? 0) ** 2).toBeCloseTo(1, 9);
  expect((b ?? 0) / (a ?? 1)).toBeCloseTo(Math.log(3) / Math.log(3 / 2), 9);
  expect((d ?? 0) / (c ?? 1)).toBeCloseTo((2 * Math.log(3)) / Math.log(3 / 2), 9);
  expect(e).toBe(1);
});

test('finds the sentence that is most like all others, and nothing where all are the same', () => {
  const likeness = [...likenessToWhole(tabulate([[0, 1], [0, 2], [0, 1, 2], [3, 4], []], 5))];
  expect(likeness.indexOf(Math.max(...likeness))).toBe(2);
  expect(likeness[3]).toBeCloseTo(1, 9);
  expect(likeness[4]).toBe(0);
  expect([...likenessToWhole(tabulate([[0], [0]], 1))]).toEqual([0, 0]);
});
