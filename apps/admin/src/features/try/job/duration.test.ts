import { expect, test } from 'vitest';
import { duration } from './duration.ts';

test.each([
  [0, '0 ms'],
  [999, '999 ms'],
  [1000, '1.0 s'],
  [59_900, '59.9 s'],
  [59_960, '1 min 0 s'],
  [125_400, '2 min 5 s'],
])('%i milliseconds are said as %s', (ms, said) => {
  expect(duration(ms)).toBe(said);
});
