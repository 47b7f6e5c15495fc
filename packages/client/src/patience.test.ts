import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { UnreachableError } from './errors.ts';
import { backOff, createPatience, insist } from './patience.ts';
import { errorOf } from './request.ts';

const gone = new UnreachableError('gone');
const busy = (retryAfter: string) =>
  errorOf(new Response(null, { status: 429, headers: { 'Retry-After': retryAfter } }), 'busy');

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('the pause is the usual one, or what the service asks for, and ends with the patience', () => {
  const pauseAfter = createPatience(10_000);
  expect(pauseAfter(gone, 300)).toBe(300);
  expect(pauseAfter(busy('2'), 300)).toBe(2000);
  expect(pauseAfter(busy(new Date(Date.now() + 5000).toUTCString()), 300)).toBeGreaterThan(3000);
  expect(pauseAfter(busy('soon'), 300)).toBe(300);
  vi.advanceTimersByTime(9900);
  expect(pauseAfter(gone, 300)).toBe(100);
  vi.advanceTimersByTime(100);
  expect(() => pauseAfter(gone, 300)).toThrow(gone);
});

test('it gives up at once where the service will be away for longer, and where nothing will pass', () => {
  expect(() => createPatience(10_000)(busy('11'), 300)).toThrow('HTTP 429');
  const bug = new TypeError('no such thing');
  expect(() => createPatience(10_000)(bug, 300)).toThrow(bug);
});

test('pauses grow by half up to five seconds, or are what the service asked for', () => {
  expect([1, 2, 3, 9].map((failures) => backOff(failures, 1000))).toEqual([1000, 1500, 2250, 5000]);
  expect([1, 2].map((failures) => backOff(failures, 8000))).toEqual([8000, 8000]);
});

test('insist stops on its signal in the pause between two tries', async () => {
  const stop = new AbortController();
  const ask = vi.fn(() => Promise.reject(gone));
  const refused = expect(insist(ask, { signal: stop.signal })).rejects.toThrow('enough');
  await vi.advanceTimersByTimeAsync(100);
  stop.abort(new Error('enough'));
  await refused;
  expect(ask).toHaveBeenCalledTimes(1);
  expect(vi.getTimerCount()).toBe(0);
});
