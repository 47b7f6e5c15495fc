import { expect, test } from 'vitest';
import { scoreSentences } from './scores.ts';

const flat = (count: number) => new Float64Array(count).fill(1);
const score = (texts: string[], lengths: number[], ranks = flat(texts.length)) => [
  ...scoreSentences(texts, lengths, ranks),
];

test('prefers central sentences, early ones, and lengths from 15 to 25 words', () => {
  const [first, second, third] = score(['A.', 'B.', 'C.'], [20, 20, 20]);
  expect(first).toBe(1);
  expect(second).toBeCloseTo((1 + 0.3 * Math.exp(-1 / 5)) / 1.3, 9);
  expect(third).toBeLessThan(second ?? 0);
  const [low, high] = score(['A.', 'B.'], [20, 20], Float64Array.of(0.5, 2));
  expect(low).toBeLessThan(high ?? 0);
  const [short, good, long] = score(Array(3).fill('A.'), [5, 20, 50]);
  expect(short).toBeLessThan(0.5);
  expect(good).toBe(1);
  expect(long).toBeLessThan(0.6);
});

test('halves what is unfinished or interrupted', () => {
  const far = Array(60).fill('End.');
  const texts = [...far, 'A heading', 'I – well.', 'He said "yes."', 'नहीं।', '好。」', 'Τι κάνεις;'];
  const scores = score(
    texts,
    texts.map(() => 20),
  ).slice(60);
  const full = scores[2] ?? 0;
  expect(scores[0]).toBeCloseTo(full / 2, 4);
  expect(scores[1]).toBeCloseTo(full / 2, 4);
  expect(scores[3]).toBeCloseTo(full, 4);
  expect(scores[4]).toBeCloseTo(full, 4);
  expect(scores[5]).toBeCloseTo(full, 4);
});

test('gives zeros, not NaN, where there is nothing to rank', () => {
  expect(score(['🎉'], [0], Float64Array.of(0))).toEqual([0]);
  expect(score([], [])).toEqual([]);
});
