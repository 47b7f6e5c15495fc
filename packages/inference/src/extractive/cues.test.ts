import { expect, test } from 'vitest';
import { announces } from './cues.ts';
import { splitWords } from './words.ts';

const check = (sentence: string) => announces(sentence, splitWords(sentence));

test.each([
  'In this paper we look at harbours.',
  'We propose a wall.',
  'To sum up, it rained.',
  'In dieser Arbeit geht es um Häfen.',
  'Dans cet article, on parle de ports.',
  'Presentamos un puerto.',
  'Neste estudo, medimos o vento.',
  'In questo lavoro si misura il vento.',
  'В этой статье речь о порте.',
  'في هذه الدراسة نقيس الريح.',
  'במאמר זה נמדוד את הרוח.',
  'इस लेख में बंदरगाह की बात है।',
  '本文讨论港口。',
  '港の新しい壁を提案する。',
  '이 논문은 항구를 다룬다.',
])('hears %s', (sentence) => {
  expect(check(sentence)).toBe(true);
});

test.each([
  'This is the paper that we bought.',
  'We sum up to ten.',
  'We walked in.',
  'Our house is short.',
  'Wir gehen.',
  '我们去公园。',
  '',
])('hears nothing in %s', (sentence) => {
  expect(check(sentence)).toBe(false);
});
