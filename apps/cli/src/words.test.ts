import { expect, test } from 'vitest';
import { fit, fitEnd, parseSpan, span } from './words.ts';

test.each([
  ['90s', 90_000],
  ['1.5 h', 5_400_000],
  ['250ms', 250],
  ['2min', 120_000],
  ['1d', 86_400_000],
  ['10', undefined],
  ['-1s', undefined],
  ['1y', undefined],
])('a span of %s', (text, ms) => {
  expect(parseSpan(text)).toBe(ms);
});

test('spans for people', () => {
  expect([-5, 400, 59_600, 100_000, 3 * 3_600_000, 3 * 86_400_000].map(span)).toEqual([
    '0 s',
    '0 s',
    '60 s',
    '2 min',
    '3 h',
    '3 d',
  ]);
});

test('lines are cut by the columns that they take, never within a character', () => {
  expect(fit('abc', 4)).toBe('abc');
  expect(fit('abcdef', 4)).toBe('abc…');
  expect(fit('日本語文', 6)).toBe('日本…');
  expect(fitEnd('abcdef', 3)).toBe('def');
  expect(fitEnd('日本🚢', 5)).toBe('本🚢');
});
