import { RateLimited, type RateLimiter, type Taken } from '@slipway/queue/rate-limit';
import type { Context, MiddlewareHandler } from 'hono';
import type { AppEnv } from '../caller.ts';

/**
 * Takes from the caller's allowance and tells in the answer's headers what is left, also in the answer to the RateLimited
 * that it throws. Throws what `take` does. Needs the access middleware before it.
 */
export async function spend(c: Context<AppEnv>, limiter: RateLimiter, cost = 1): Promise<void> {
  try {
    tell(c, await limiter.take(c.get('caller').client, cost));
  } catch (error) {
    tellRefusal(c, error);
    throw error;
  }
}

/** Tells how the caller stands in the answer to what was thrown, where that knows it. */
export function tellRefusal(c: Context<AppEnv>, error: unknown): void {
  if (error instanceof RateLimited) tell(c, error.taken);
}

/**
 * As `spend`, for jobs of which each may have been made before, by a request with the same idempotency key: to be told of
 * it again is a read.
 */
export async function spendOnJobs(
  c: Context<AppEnv>,
  limiters: { submissions: RateLimiter; reads: RateLimiter },
  made: boolean[],
): Promise<void> {
  const again = made.filter(Boolean).length;
  if (again > 0) await spend(c, limiters.reads, again);
  if (again < made.length) await spend(c, limiters.submissions, made.length - again);
}

/** What claimed to be a job that is there already and was refused is counted as a submission after all. */
export async function paidIfRefused<T>(
  c: Context<AppEnv>,
  submissions: RateLimiter,
  again: boolean,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (again) await spend(c, submissions);
    throw error;
  }
}

/** Counts every request but POST: those are counted by what they hand in. */
export function limitReads(limiter: RateLimiter): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    if (c.req.method !== 'POST') await spend(c, limiter);
    await next();
  };
}

/** The fields of https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-ratelimit-headers-10 */
export function rateLimitHeaders(taken: Taken): { 'RateLimit-Policy': string; RateLimit: string } {
  const { policy, limit, windowSeconds, remaining, resetSeconds } = taken;
  return {
    'RateLimit-Policy': `"${policy}";q=${limit};w=${windowSeconds}`,
    RateLimit: `"${policy}";r=${remaining};t=${resetSeconds}`,
  };
}

function tell(c: Context<AppEnv>, taken: Taken | null): void {
  if (taken === null) return;
  for (const [name, value] of Object.entries(rateLimitHeaders(taken))) c.header(name, value);
}
