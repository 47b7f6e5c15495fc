import { expect, test } from 'vitest';
import { z } from 'zod';
import { parseInput } from './parse.ts';
import type { CodedError } from './problems.ts';

function faultsOf(schema: z.ZodType, value: unknown): [pointer: string, message: string][] {
  try {
    parseInput(schema, value);
    return [];
  } catch (error) {
    return (error as CodedError).faults.map(({ pointer, message }) => [pointer, message]);
  }
}

// a schema as a fork writes it, without a word of its own
const schema = z.strictObject({
  text: z.string().min(1).max(5),
  topK: z.int().min(1).max(9).optional(),
  share: z.number().gt(0).lt(1).optional(),
  kind: z.enum(['a', 'b']).optional(),
  on: z.literal(true).optional(),
  flag: z.boolean().optional(),
  list: z.array(z.string()).min(2).max(3).optional(),
  map: z.object({ to: z.string() }).optional(),
  must: z.object({ be: z.enum(['a', 'b']) }).optional(),
});

test.each([
  [{}, '/text', 'is required'],
  [{ text: null }, '/text', 'must be a string'],
  [{ text: '' }, '/text', 'must not be empty'],
  [{ text: '123456' }, '/text', 'must have at most 5 characters'],
  [{ text: 'x', topK: '1' }, '/topK', 'must be a number'],
  [{ text: 'x', topK: 1.5 }, '/topK', 'must be a whole number'],
  [{ text: 'x', topK: 0 }, '/topK', 'must be at least 1'],
  [{ text: 'x', topK: 10 }, '/topK', 'must be at most 9'],
  [{ text: 'x', share: 0 }, '/share', 'must be more than 0'],
  [{ text: 'x', share: 1 }, '/share', 'must be less than 1'],
  [{ text: 'x', kind: 'c' }, '/kind', 'must be one of: a, b'],
  [{ text: 'x', must: {} }, '/must/be', 'is required, one of: a, b'],
  [{ text: 'x', on: false }, '/on', 'must be true'],
  [{ text: 'x', flag: 1 }, '/flag', 'must be true or false'],
  [{ text: 'x', list: 7 }, '/list', 'must be a list'],
  [{ text: 'x', list: ['x'] }, '/list', 'must have at least 2 items'],
  [{ text: 'x', list: ['x', 'x', 'x', 'x'] }, '/list', 'must have at most 3 items'],
  [{ text: 'x', map: [] }, '/map', 'must be an object'],
  [{ text: 'x', map: {} }, '/map/to', 'is required'],
  [{ text: 'x', 'a/b~c': 1 }, '/a~1b~0c', 'is not a known field'],
  [7, '', 'must be an object'],
])('%j is told what it must be', (value, pointer, message) => {
  expect(faultsOf(schema, value)).toEqual([[pointer, message]]);
});

test('the message of the whole names the first fault', () => {
  expect(() => parseInput(schema, { text: 1 }, '/input')).toThrow('/input/text must be a string.');
  expect(() => parseInput(schema, 7)).toThrow('The body must be an object.');
});
