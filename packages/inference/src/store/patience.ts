import { setTimeout as delay } from 'node:timers/promises';

/** How long a download waits, for what. */
export interface Patience {
  /** Pauses before the second try, the third, and so on; one more try than pauses. */
  pausesMs: number[];
  /** A hub that asks for a longer pause is given up. */
  longestPauseMs: number;
  /** How often to look whether another process is done. */
  pollMs: number;
  /** How often a download shows that its process lives. */
  heartbeatMs: number;
  /** After so long without that, the process counts as dead where it can't be looked up. */
  silentMs: number;
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Milliseconds, from any start, that no change of the clock moves. */
  now: () => number;
}

export const usualPatience: Patience = {
  pausesMs: [1_000, 5_000],
  longestPauseMs: 300_000, // the hub counts requests over windows of five minutes
  pollMs: 500,
  heartbeatMs: 5_000,
  silentMs: 60_000,
  sleep: (ms, signal) => delay(ms, undefined, { signal }),
  now: () => performance.now(),
};

/** Answers that another try may change. */
const passing = new Set([408, 429, 500, 502, 503, 504]);

/**
 * How long to wait before the next try, in milliseconds. `tries`: how many there were. Undefined: no more, or the
 * answer is final. `now`: milliseconds since 1970.
 */
export function pauseAfter(
  answer: Response,
  tries: number,
  { pausesMs, longestPauseMs }: Patience,
  now = Date.now(),
): number | undefined {
  const pause = pausesMs[tries - 1];
  if (pause === undefined || !passing.has(answer.status)) return undefined;
  const asked = askedPause(answer.headers, now);
  return asked > longestPauseMs ? undefined : Math.max(pause, asked);
}

/**
 * Retry-After is in seconds or a date (RFC 9110, 10.2.3). The Hub says `RateLimit: "resolvers";r=0;t=55` instead, t in
 * seconds (https://huggingface.co/docs/hub/rate-limits).
 */
function askedPause(headers: Headers, now: number): number {
  const after = headers.get('retry-after')?.trim() ?? '';
  if (/^\d+$/.test(after)) return Number(after) * 1000;
  const date = Date.parse(after);
  if (!Number.isNaN(date)) return Math.max(0, date - now);
  const reset = /;\s*t=(\d+)/.exec(headers.get('ratelimit') ?? '')?.[1];
  return Number(reset ?? 0) * 1000;
}
