import { longestWaitSeconds } from '@slipway/contract/http';
import type { Job } from '@slipway/contract/jobs';
import { fail } from './submission.ts';

/** Seconds that `Prefer: wait=N` asks for (RFC 7240), at most 55; a bare `wait` is the most. Undefined where it does not. */
export function preferredWait(prefer: string | undefined): number | undefined {
  const wait = /(?:^|[,;\s])wait(?:\s*=\s*"?(\d+)"?)?\s*(?=$|[,;])/i.exec(prefer ?? '');
  if (!wait) return undefined;
  return Math.min(Number(wait[1] ?? longestWaitSeconds), longestWaitSeconds);
}

/** Seconds of `?wait=N`; 0 where it is not asked for. Throws CodedError `invalid_input`. */
export function queriedWait(wait: string | undefined): number {
  if (wait === undefined || wait === '') return 0;
  if (!/^\d{1,4}$/.test(wait)) return fail('/wait', 'must be a whole number of seconds');
  return Math.min(Number(wait), longestWaitSeconds);
}

/** Milliseconds that are left of a wait of so many seconds for a request that began then (`performance.now()`): reading its files counts. */
export function leftOf(seconds: number, startedAt: number): number {
  return Math.max(0, Math.min(seconds * 1_000, longestWaitSeconds * 1_000 - (performance.now() - startedAt)));
}

/** Seconds after which a look at the job may be worth while: half of what is left, from 1 to 30. */
export function lookAgainSeconds({ estimate }: Job): number {
  const leftMs = estimate ? Date.parse(estimate.endsAt) - Date.now() : 0;
  return Math.min(30, Math.max(1, Math.ceil(leftMs / 2_000)));
}
