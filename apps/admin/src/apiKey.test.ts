import { expect, test } from 'vitest';
import { parseApiKey } from './apiKey.ts';

test.each([
  ['k-1_a.b/c+d=', 'k-1_a.b/c+d='],
  ['  pasted\n', 'pasted'],
  ['', undefined],
  ['   ', undefined],
  ['two words', undefined],
  ['schlüssel', undefined],
])('the key in %j is %j', (typed, key) => {
  expect(parseApiKey(typed)).toBe(key);
});
