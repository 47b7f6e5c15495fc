import { expect, test } from 'vitest';
import { baselines } from './baselines.ts';

/** Rows 1 and 3 share words with many, 2 with nobody, 4 says what 3 says. */
const texts = [
  'red boats sail',
  'boats sail home fast',
  'cheese tastes fine',
  'old boats came home',
  'old boats came home',
];
const sentences = { texts, words: texts.map((text) => text.split(' ')) };
const order = (name: string, budget = 100) => baselines[name]?.(sentences, budget) ?? [];

test.each(Object.keys(baselines))('%s names each sentence once, the same each time', (name) => {
  expect(order(name).toSorted()).toEqual([0, 1, 2, 3, 4]);
  expect(order(name)).toEqual(order(name));
});

test('Lead takes the first, Random another order', () => {
  expect(order('Lead')).toEqual([0, 1, 2, 3, 4]);
  expect(order('Random')).not.toEqual(order('Lead'));
});

test('TextRank and LexRank end with what shares no word', () => {
  expect(order('TextRank').at(-1)).toBe(2);
  expect(order('LexRank').at(-1)).toBe(2);
  expect([1, 3]).toContain(order('TextRank')[0]);
});

test('MMR does not say the same twice in a row, and ends when the budget is full', () => {
  const chosen = order('MMR');
  expect(Math.abs(chosen.indexOf(3) - chosen.indexOf(4))).toBeGreaterThan(1);
  expect(order('MMR', 5)).toHaveLength(2);
});

test('all of them take a document without words', () => {
  for (const baseline of Object.values(baselines)) {
    expect(baseline({ texts: ['!', '?'], words: [[], []] }, 10)).toHaveLength(2);
    expect(baseline({ texts: [], words: [] }, 10)).toEqual([]);
  }
});
