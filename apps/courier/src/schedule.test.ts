import { expect, test } from 'vitest';
import { longestRetryAfterMs, nextDelayMs, parseRetryAfter, retryDelaysMs } from './schedule.ts';

test('ten tries in three days, each a little later than the last one allows', () => {
  const least = retryDelaysMs.map((_, i) => nextDelayMs(retryDelaysMs, i + 1, undefined, 0));
  expect(least).toEqual(retryDelaysMs);
  expect(least.reduce<number>((sum, ms) => sum + (ms ?? 0), 0)).toBe((75 * 3_600 + 35 * 60 + 5) * 1_000);
  expect(nextDelayMs(retryDelaysMs, 1, undefined, 1)).toBe(6_000);
  expect(nextDelayMs(retryDelaysMs, 10, undefined, 0)).toBeUndefined();
});

test('a receiver may ask for more time, up to a day, and for no more tries', () => {
  expect(nextDelayMs([1_000], 1, 60_000, 0)).toBe(60_000);
  expect(nextDelayMs([1_000], 1, 10, 0)).toBe(1_000);
  expect(nextDelayMs([1_000], 1, 400 * 86_400_000, 0)).toBe(longestRetryAfterMs);
  expect(nextDelayMs([1_000], 2, 60_000, 0)).toBeUndefined();
});

test.each([
  ['120', 120_000],
  ['Mon, 23 Nov 2026 12:00:30 GMT', 30_000],
  ['Mon, 23 Nov 2026 11:00:00 GMT', 0],
  ['soon', undefined],
  ['-5', 0], // some date of long ago to Date.parse
  [undefined, undefined],
])('Retry-After: %s is %s ms', (value, ms) => {
  expect(parseRetryAfter(value, Date.UTC(2026, 10, 23, 12))).toBe(ms);
});
