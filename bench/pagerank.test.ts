import { expect, test } from 'vitest';
import { pageRank } from './pagerank.ts';

test('gives the middle of a star what it should have', () => {
  const ranks = pageRank(4, (a, b) => (a === 0 || b === 0 ? 1 : 0));
  // in the end: middle = 0.15 + 0.85 · 3 · leaf, leaf = 0.15 + 0.85 · middle / 3
  const middle = (0.15 + 0.85 * 3 * 0.15) / (1 - 0.85 * 0.85);
  expect(ranks[0]).toBeCloseTo(middle, 2);
  for (const leaf of ranks.slice(1)) expect(leaf).toBeCloseTo(0.15 + (0.85 * middle) / 3, 2);
});

test('leaves a sentence without neighbours at the bottom', () => {
  expect([...pageRank(3, (a, b) => (a + b === 1 ? 0.5 : 0))]).toEqual([
    expect.closeTo(1, 2),
    expect.closeTo(1, 2),
    expect.closeTo(0.15, 9),
  ]);
});
