import { expect, test } from 'vitest';
import { sentence } from './sentence.ts';

test.each([
  ['the model is ready', 'The model is ready.'],
  ['Done.', 'Done.'],
  ['Really?', 'Really?'],
  ['', ''],
])('%j is told as %j', (words, told) => {
  expect(sentence(words)).toBe(told);
});
