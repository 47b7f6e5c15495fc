const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/**
 * How long after each try that failed the next one is, in milliseconds: ten tries in three days, the example of Standard
 * Webhooks. Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export const retryDelaysMs: readonly number[] = [
  5 * second,
  5 * minute,
  30 * minute,
  2 * hour,
  5 * hour,
  10 * hour,
  14 * hour,
  20 * hour,
  24 * hour,
];

/** Longest that a receiver may put off the next try. */
export const longestRetryAfterMs = 24 * hour;

/** Adds up to a fifth, so that deliveries that failed together do not come back together. */
const jitter = 0.2;

/**
 * Milliseconds until the try after this one (1 is the first); undefined where there is none. Never earlier than the
 * receiver asked with `Retry-After`, within bounds. `random` is from 0 to 1.
 */
export function nextDelayMs(
  delaysMs: readonly number[],
  attempt: number,
  retryAfterMs: number | undefined,
  random: number,
): number | undefined {
  const delay = delaysMs[attempt - 1];
  if (delay === undefined) return undefined;
  const asked = Math.min(retryAfterMs ?? 0, longestRetryAfterMs);
  return Math.round(Math.max(delay, asked) * (1 + jitter * random));
}

/** Milliseconds that a `Retry-After` asks for, in seconds or as a date; undefined where it says neither. */
export function parseRetryAfter(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value) * second;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}
