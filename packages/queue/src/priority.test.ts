import { expect, test } from 'vitest';
import { placeInLine, submissionTime } from './priority.ts';

const now = Date.UTC(2030, 0, 1);
const minute = 60_000;

test('a high job goes before normal ones of up to a minute earlier, and not before older ones', () => {
  expect(placeInLine(now, 'high')).toBeLessThan(placeInLine(now - minute + 1, 'normal'));
  expect(placeInLine(now, 'high')).toBeGreaterThan(placeInLine(now - minute - 1, 'normal'));
});

test('a low job waits for normal ones of up to five minutes later, and not for younger ones', () => {
  expect(placeInLine(now, 'low')).toBeGreaterThan(placeInLine(now + 5 * minute - 1, 'normal'));
  expect(placeInLine(now, 'low')).toBeLessThan(placeInLine(now + 5 * minute + 1, 'normal'));
});

test('who gives no priority stands where a normal job does', () => {
  expect(placeInLine(now)).toBe(placeInLine(now, 'normal'));
});

test('jobs of the same millisecond, and of a clock that was set back, stand in the order of their submission', () => {
  const times = [submissionTime(now), submissionTime(now), submissionTime(now - minute), submissionTime(now + 1)];
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(new Set(times).size).toBe(times.length);
});
