import { expect, test } from 'vitest';
import { percentage } from './percentage.ts';

test.each([
  [0, '0.0 %'],
  [0.0004, '< 0.1 %'],
  [0.001, '0.1 %'],
  [0.12345, '12.3 %'],
  [0.999, '99.9 %'],
  [0.99999, '> 99.9 %'],
  [1, '100.0 %'],
])('%d is %s', (share, said) => {
  expect(percentage(share)).toBe(said);
});
