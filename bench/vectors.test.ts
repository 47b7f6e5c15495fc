import { expect, test } from 'vitest';
import { centroid, cosine, type Vector, weigh } from './vectors.ts';

test('weighs rare words more and common ones not at all', () => {
  const [a, b, c] = weigh([
    ['the', 'red', 'boat'],
    ['the', 'boat', 'boat'],
    ['the', 'sea'],
  ]) as [Vector, Vector, Vector];
  expect(a.has('the')).toBe(false);
  expect((a.get('red') ?? 0) / (a.get('boat') ?? 1)).toBeCloseTo(Math.log(3) / Math.log(3 / 2), 9);
  expect(cosine(a, a)).toBeCloseTo(1, 9);
  expect(cosine(a, b)).toBeCloseTo(a.get('boat') ?? 0, 9);
  expect(cosine(a, c)).toBe(0);
});

test('finds the middle of vectors', () => {
  const middle = centroid([new Map([['a', 1]]), new Map([['b', 1]])]);
  expect(middle.get('a')).toBeCloseTo(Math.SQRT1_2, 9);
  expect(centroid([])).toEqual(new Map());
});
