import { expect, test } from 'vitest';
import { fileSize } from './fileSize.ts';

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [12_345, '12.3 kB'],
  [999_949, '999.9 kB'],
  [999_950, '1.0 MB'],
  [7_500_000, '7.5 MB'],
])('%i bytes are said as %s', (bytes, said) => {
  expect(fileSize(bytes)).toBe(said);
});
