import { expect, test } from 'vitest';
import { type Sentences, scoreSentences } from './scores.ts';

const flat = (count: number) => new Float64Array(count).fill(1);

function score(texts: string[], lengths: number[], more: Partial<Sentences> = {}): number[] {
  const same = { ranks: flat(texts.length), likeness: flat(texts.length), announcing: texts.map(() => false) };
  return [...scoreSentences({ texts, lengths, ...same, ...more })];
}

test('prefers central sentences, early ones, and lengths from 15 to 25 words', () => {
  const [first, second, third] = score(['A.', 'B.', 'C.'], [20, 20, 20]);
  expect(first).toBe(1);
  expect(second).toBeCloseTo((1 + 0.5 * Math.exp(-1 / 5)) / 1.5, 9);
  expect(third).toBeLessThan(second ?? 0);
  for (const central of [{ ranks: Float64Array.of(0.5, 2) }, { likeness: Float64Array.of(0.5, 2) }]) {
    const [low, high] = score(['A.', 'B.'], [20, 20], central);
    expect(low).toBeLessThan(high ?? 0);
  }
  const [told, announced] = score(['A.', 'B.'], [20, 20], { announcing: [false, true] });
  expect(told).toBeLessThan(announced ?? 0);
  const [short, good, long] = score(Array(3).fill('A.'), [5, 20, 50]);
  expect(short).toBeLessThan(0.5);
  expect(good).toBe(1);
  expect(long).toBeLessThan(0.6);
});

test('halves what is unfinished or interrupted', () => {
  const far = Array(60).fill('End.');
  const texts = [...far, 'A heading', 'I – well.', 'He said "yes."', 'नहीं।', '好。」', 'Τι κάνεις;', 'សួស្តី។'];
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
  expect(scores[6]).toBeCloseTo(full, 4);
});

test('gives zeros, not NaN, where there is nothing to rank', () => {
  expect(score(['🎉'], [0], { ranks: Float64Array.of(0), likeness: Float64Array.of(0) })).toEqual([0]);
  expect(score([], [])).toEqual([]);
});
