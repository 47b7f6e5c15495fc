import { expect, test } from 'vitest';
import { faultSentence, faultsAt } from './faults.ts';

const faults = [
  { pointer: '/input/text', message: 'must not be blank' },
  { pointer: '/input/textual', message: 'is not a known field' },
  { pointer: '/options/stop/1', message: 'must be a string.' },
];

test('a field shows its own faults and those inside its value', () => {
  expect(faultsAt(faults, '/input/text')).toBe('Must not be blank.');
  expect(faultsAt(faults, '/options/stop')).toBe('1 must be a string.');
  expect(faultsAt(faults, '/file', '/input/text')).toBe('Must not be blank.');
  expect(faultsAt(faults, '/options/seed')).toBeNull();
});

test('a fault without a field says its place', () => {
  expect(faultSentence({ pointer: '/options/stop/1', message: 'is odd' })).toBe('Options › stop › 1 is odd.');
  expect(faultSentence({ pointer: '', message: 'must be an object' })).toBe('Must be an object.');
});
