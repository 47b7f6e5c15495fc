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
