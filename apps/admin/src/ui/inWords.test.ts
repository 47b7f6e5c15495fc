import { expect, test } from 'vitest';
import { inWords } from './inWords.ts';

test.each([
  ['classify-text', 'Classify text'],
  ['maxTokens', 'Max tokens'],
  ['loading_model', 'Loading model'],
  ['stop', 'Stop'],
  ['', ''],
])('%s is %s', (name, words) => {
  expect(inWords(name)).toBe(words);
});
