import { isPassing, retryAfterOf } from './errors.ts';
import { sleep } from './sleep.ts';

/** How long the service may be out of reach or too busy before a call gives up, in milliseconds, if nobody says. */
export const defaultOutageMs = 30_000;

/** What a call that may be repeated takes. */
export interface ReadOptions {
  /** Stops the call, which then throws the signal's reason. */
  signal?: AbortSignal | undefined;
  /**
   * How long the service may be out of reach or too busy before the call gives up, in milliseconds; 30,000 by default. It
   * gives up at once where the service asks for a longer pause (`Retry-After`).
   */
  outageMs?: number | undefined;
}

/** Told before each pause between two tries. */
export type OnRetry = (error: Error, pauseMs: number) => void;

export interface Insistence {
  onRetry?: OnRetry | undefined;
}

/**
 * Bears with one outage, for up to `outageMs`. What it returns tells how long to wait after an error before the next
 * try, in milliseconds: `usualMs`, or longer where the service said so. It throws the error where that does not pass or
 * the time is up, and at once where the service says that it will be away for longer than that.
 */
export function createPatience(outageMs: number): (error: unknown, usualMs: number) => number {
  let since: number | undefined;
  return (error, usualMs) => {
    since ??= performance.now();
    const leftMs = outageMs - (performance.now() - since);
    const askedMs = retryAfterOf(error);
    if (!isPassing(error) || leftMs <= 0 || askedMs > leftMs) throw error;
    return Math.max(askedMs, Math.min(usualMs, leftMs));
  };
}

/** The pause after the nth failure in a row (1 is the first), in milliseconds: half as long again each, 5 s at most. */
export const backOff = (failures: number, firstMs: number) =>
  Math.max(firstMs, Math.min(firstMs * 1.5 ** (failures - 1), 5_000));

const firstPauseMs = 300;

/** Asks, again and again in an outage. Only for what does no harm when it reaches the service twice. */
export async function insist<T>(
  ask: () => Promise<T>,
  { signal, outageMs = defaultOutageMs }: ReadOptions,
  { onRetry }: Insistence = {},
): Promise<T> {
  const pauseAfter = createPatience(outageMs);
  for (let failures = 1; ; failures++) {
    try {
      return await ask();
    } catch (error) {
      const pauseMs = pauseAfter(error, backOff(failures, firstPauseMs));
      onRetry?.(error as Error, pauseMs);
      await sleep(pauseMs, signal);
    }
  }
}
