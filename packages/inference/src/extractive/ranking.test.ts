import { expect, test } from 'vitest';
import type { Pace } from './pace.ts';
import { textRank } from './ranking.ts';
import { tabulate } from './table.ts';

const pace: Pace = { due: () => false, rest: async () => {} };

/** The paper's algorithm on a dense matrix, with the two changes that `textRank` documents. */
function denseTextRank(sentences: number[][]): number[] {
  const sets = sentences.map((words) => new Set(words));
  const weight = (word: number) =>
    Math.sqrt(Math.log(sentences.length / sets.filter((words) => words.has(word)).length));
  const likeness = sets.map((a, i) =>
    sets.map((b, j) => {
      if (i === j) return 0;
      const shared = [...a].filter((word) => b.has(word)).reduce((sum, word) => sum + weight(word), 0);
      const lengths = [i, j].map((row) => Math.log(2 + (sentences[row]?.length ?? 0)));
      return shared / Math.sqrt((lengths[0] ?? 1) * (lengths[1] ?? 1));
    }),
  );
  const degrees = likeness.map((row) => row.reduce((sum, value) => sum + value, 0));
  let ranks = sentences.map(() => 1);
  for (let round = 0; round < 30; round++) {
    ranks = sentences.map((_, i) =>
      ranks.reduce((sum, rank, j) => {
        const degree = degrees[j] ?? 0;
        return degree === 0 ? sum : sum + (0.85 * rank * (likeness[j]?.[i] ?? 0)) / degree;
      }, 0.15),
    );
  }
  return ranks;
}

test('equals the dense computation', async () => {
  const sentences = [[0, 1, 2, 3], [0, 2, 4, 4, 5], [0, 6, 7], [1, 2, 8, 0, 3, 9], [0, 10, 4], [11, 12], []];
  const lengths = sentences.map(({ length }) => length);
  const ranks = await textRank(tabulate(sentences, 13), lengths, pace);
  const expected = denseTextRank(sentences);
  for (const [row, rank] of ranks.entries()) expect(rank).toBeCloseTo(expected[row] ?? 0, 3);
  // words that are nobody else's recommend nobody
  expect(ranks[5]).toBeCloseTo(0.15, 9);
});

test('rests between rounds and stops when told to', async () => {
  const reports: number[] = [];
  const stop = new Error('stop');
  const busy: Pace = {
    due: () => true,
    rest: async (_, done) => {
      reports.push(done);
      if (reports.length === 3) throw stop;
    },
  };
  const run = textRank(tabulate([[0, 1], [1, 2], [2, 3], [4]], 5), [2, 2, 2, 1], busy);
  await expect(run).rejects.toBe(stop);
  expect(reports).toEqual([0, 1 / 30, 2 / 30]);
});
