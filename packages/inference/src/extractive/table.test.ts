import { expect, test } from 'vitest';
import { invert, tabulate } from './table.ts';

test('holds each word of a sentence once, with its count, and finds sentences by word', () => {
  const table = tabulate([[0, 1, 0], [], [1, 2], [0]], 4);
  expect([...table.starts]).toEqual([0, 2, 2, 4, 5]);
  expect([...table.words]).toEqual([0, 1, 1, 2, 0]);
  expect([...table.counts]).toEqual([2, 1, 1, 1, 1]);
  expect([...table.idf]).toEqual([Math.log(2), Math.log(2), Math.log(4), 0]);
  const index = invert(table);
  expect([...index.starts]).toEqual([0, 2, 4, 5, 5]);
  expect([...index.rows]).toEqual([0, 3, 0, 2, 2]);
  expect([...index.entries]).toEqual([0, 4, 1, 2, 3]);
});
