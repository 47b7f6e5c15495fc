import { expect, test } from 'vitest';
import { expectedTokens, partBudget } from './budgets.ts';

test('the summaries of all parts fill one window where that leaves enough for each', () => {
  expect(partBudget(1000, 10, 1000)).toBe(99);
  expect(10 * (partBudget(1000, 10, 1000) + 1)).toBeLessThanOrEqual(1000);
});

test('a part gets enough for a sentence or two, however many there are', () => {
  expect(partBudget(1000, 500, 1000)).toBe(48);
});

test('a part gets at most a third of its own length, and at least one token', () => {
  expect(partBudget(600, 2, 1000)).toBe(200);
  expect(partBudget(2, 7, 1000)).toBe(1);
});

test('a short text is expected to take no more than its own length', () => {
  expect(expectedTokens(80, 1000, 200)).toBe(80);
  expect(expectedTokens(900, 1000, 200)).toBe(200);
});

test('counts every round of a long text', () => {
  // 10 parts of 99, then the summary of 990 tokens; and 100 of 48, then 5 of 199, then the summary of 995
  expect(expectedTokens(10_000, 1000, 200)).toBe(990 + 200);
  expect(expectedTokens(100_000, 1000, 200)).toBe(4800 + 995 + 200);
});

test.each([16, 17, 100, 1000])('ends for any length with a window of %i', (window) => {
  for (const tokens of [0, 1, window, window + 1, 3 * window, 1e6]) {
    expect(expectedTokens(tokens, window, 200)).toBeLessThanOrEqual(4 * tokens);
  }
});
