import { afterEach, beforeEach, expect, vi } from 'vitest';

/** What lands on console.error or console.warn without being expected is a fault that nobody looked at. */
beforeEach(() => {
  vi.spyOn(console, 'error');
  vi.spyOn(console, 'warn');
});
afterEach(() => {
  const stray = [console.error, console.warn].flatMap((print) => vi.mocked(print).mock.calls);
  vi.restoreAllMocks();
  expect(stray).toEqual([]);
});
