import { expect, test, vi } from 'vitest';
import { patienceMs } from './dialects/run.ts';
import { leftOf, preferredWait, queriedWait } from './patience.ts';

test('point 23: no wait of the API is longer than 55 s, whatever is asked for', () => {
  for (const prefer of ['wait', 'wait=55', 'wait=3600', 'respond-async, wait=99999'])
    expect(preferredWait(prefer)).toBe(55);
  expect(queriedWait('9999')).toBe(55);
});

test('point 23: what a request has taken already is not waited for once more', () => {
  vi.useFakeTimers({ toFake: ['performance'], now: 0 });
  const startedAt = performance.now();
  expect(leftOf(55, startedAt)).toBe(55_000);
  vi.advanceTimersByTime(45_000);
  expect([leftOf(55, startedAt), leftOf(5, startedAt)]).toEqual([10_000, 5_000]);
  vi.advanceTimersByTime(45_000);
  expect(leftOf(55, startedAt)).toBe(0);
  vi.useRealTimers();
});

test('point 23: on a Space a client of another service waits no longer either', () => {
  expect(patienceMs(true)).toBe(55_000);
});
