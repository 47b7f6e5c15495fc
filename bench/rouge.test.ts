import { expect, test } from 'vitest';
import { longestCommonSubsequence, rouge, wordsOf } from './rouge.ts';

test('counts words, pairs and the longest common subsequence, as F1', () => {
  // 4 of 6 and 5 words are shared; of 5 and 4 pairs "the cat" and "the mat"; in order "the cat … the mat"
  const { one, two, longest } = rouge('The cat sat on the mat.', ['the cat near the mat']);
  expect(one).toBeCloseTo((2 * 4) / 11, 9);
  expect(two).toBeCloseTo((2 * 2) / 9, 9);
  expect(longest).toBeCloseTo((2 * 4) / 11, 9);
});

test('counts a word as often as the text that has it less often', () => {
  expect(rouge('a a a b', ['a b b']).one).toBeCloseTo((2 * 2) / 7, 9);
});

test('knows the order of words only in pairs and the subsequence', () => {
  expect(rouge('c b a', ['a b c'])).toEqual({ one: 1, two: 0, longest: expect.closeTo(1 / 3, 9) });
});

test('takes the mean over references', () => {
  expect(rouge('a b', ['a b', 'c d'])).toEqual({ one: 0.5, two: 0.5, longest: 0.5 });
});

test('gives zeros where there is nothing', () => {
  for (const [summary, references] of [
    ['', ['a']],
    ['a', ['']],
    ['', ['']],
    ['a', []],
  ] as const) {
    expect(rouge(summary, [...references])).toEqual({ one: 0, two: 0, longest: 0 });
  }
});

test('splits words of any script in lower case, without marks', () => {
  expect(wordsOf('Don’t STOP, Ärger: 3.5 घर!')).toEqual(['don', 't', 'stop', 'ärger', '3', '5', 'घर']);
});

test('finds the longest common subsequence in either direction', () => {
  const [a, b] = [[...'xmjyauz'], [...'mzjawxu']];
  expect(longestCommonSubsequence(a, b)).toBe(4);
  expect(longestCommonSubsequence(b, a)).toBe(4);
});
