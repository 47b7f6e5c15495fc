import { expect, test } from 'vitest';
import { createGuesses } from './guesses.ts';

test('after 20 wrong keys an address waits for the end of the minute, and others do not', () => {
  let now = 5_000;
  const guesses = createGuesses(() => now);
  for (let i = 0; i < 20; i++) {
    guesses.check('198.51.100.7');
    guesses.count('198.51.100.7');
  }
  now += 15_000;
  const refusal = { code: 'rate_limited', retryAfterSeconds: 45 };
  expect(() => guesses.check('198.51.100.7')).toThrow(expect.objectContaining(refusal));
  expect(() => guesses.check('198.51.100.8')).not.toThrow();
  now += 45_000;
  expect(() => guesses.check('198.51.100.7')).not.toThrow();
});

test('a flood of addresses pushes out the oldest, and not the one that guesses on', () => {
  const guesses = createGuesses(() => 0);
  for (let i = 0; i < 20; i++) guesses.count('old');
  for (let i = 0; i < 99_999; i++) guesses.count(`other ${i}`);
  guesses.count('old'); // known already: pushes nobody out
  expect(() => guesses.check('old')).toThrow();
  guesses.count('one too many');
  expect(() => guesses.check('old')).not.toThrow();
});

test('a key that was right is known there in later windows too, until ten thousand newer ones are', () => {
  let now = 0;
  const guesses = createGuesses(() => now, 1);
  const passes = (address: string, key?: string) => {
    try {
      guesses.check(address, key);
      return true;
    } catch {
      return false;
    }
  };
  guesses.trust('here', 'bob');
  guesses.trust('here', 'ann');
  now += 600_000;
  guesses.count('here');
  expect([passes('here'), passes('here', 'ann'), passes('here', 'bob'), passes('here', 'carol')]).toEqual([
    false,
    true,
    true,
    false,
  ]);
  for (let i = 0; i < 9_998; i++) guesses.trust(`other ${i}`, 'ann');
  guesses.trust('here', 'ann'); // seen again: the newest now
  for (const address of ['one too many', 'two']) guesses.trust(address, 'ann');
  expect([passes('here', 'ann'), passes('here', 'bob')]).toEqual([true, false]);
});
