import { expect, test } from 'vitest';
import type { Pace } from './pace.ts';
import { type Choices, selectSentences } from './selection.ts';
import { tabulate } from './table.ts';

const pace: Pace = { due: () => false, rest: async () => {} };

/** Rows 0 and 1 say nearly the same, 2 says something else, 3 repeats 2, 4 says little. */
const sentences = [[0, 1, 2, 3, 4], [0, 1, 2, 3, 5], [6, 7, 8, 9, 10], [6, 7, 8, 9, 10], [11]];
const table = tabulate(sentences, 12);

function choices(scores: number[], more: Partial<Choices> = {}): Choices {
  return {
    scores: Float64Array.from(scores),
    costs: sentences.map(({ length }) => length),
    keys: sentences.map((words) => words.join(' ')),
    short: sentences.map(({ length }) => length < 4),
    ...more,
  };
}

test('prefers what differs from the chosen, in document order', async () => {
  const scores = choices([0.9, 1, 0.85, 0.8, 0.1]);
  expect(await selectSentences(table, scores, { min: 1, max: 10 }, pace)).toEqual([1, 2]);
});

test('never repeats a sentence, and takes a short one only to reach the minimum', async () => {
  const scores = choices([0.9, 1, 0.85, 0.85, 1]);
  expect(await selectSentences(table, scores, { min: 1, max: 100 }, pace)).toEqual([0, 1, 2]);
  expect(await selectSentences(table, scores, { min: 16, max: 100 }, pace)).toEqual([0, 1, 2, 4]);
});

test('takes what fits', async () => {
  const scores = choices([0.9, 1, 0.85, 0.8, 0.1], { costs: [4, 40, 5, 5, 1] });
  expect(await selectSentences(table, scores, { min: 1, max: 5 }, pace)).toEqual([0]);
});

test('takes one to be cut where it is worth more than what fits, by the share that is left of it', async () => {
  const budget = { min: 1, max: 10 };
  const worth = (score: number) => choices([score, 1, 0.1, 0.1, 0.1], { costs: [5, 20, 40, 40, 2] });
  expect(await selectSentences(table, worth(0.4), budget, pace)).toEqual([1]);
  expect(await selectSentences(table, worth(0.6), budget, pace)).toEqual([0]);
  const none = choices([0.9, 1, 0.85, 0.8, 1], { costs: [4, 40, 5, 5, 3] });
  expect(await selectSentences(table, none, { min: 1, max: 2 }, pace)).toEqual([0]);
});

test('takes a short one where there is nothing else', async () => {
  const scores = choices([0.9, 1, 0.85, 0.8, 0.1], { short: sentences.map(() => true) });
  expect(await selectSentences(table, scores, { min: 1, max: 5 }, pace)).toEqual([1]);
});
