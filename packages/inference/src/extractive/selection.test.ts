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

test('takes what fits, and the best one where nothing does', async () => {
  const scores = choices([0.9, 1, 0.85, 0.8, 0.1], { costs: [4, 40, 5, 5, 1] });
  expect(await selectSentences(table, scores, { min: 1, max: 5 }, pace)).toEqual([0]);
  expect(await selectSentences(table, scores, { min: 1, max: 2 }, pace)).toEqual([1]);
});
