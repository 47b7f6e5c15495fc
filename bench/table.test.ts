import { expect, test } from 'vitest';
import { formatTable } from './table.ts';

test('aligns the first column to the left and numbers to the right', () => {
  expect(
    formatTable(
      ['name', 'count'],
      [
        ['a', '1'],
        ['longer', '1,000'],
      ],
    ),
  ).toEqual(['name   | count', '-------|------', 'a      |     1', 'longer | 1,000']);
});
