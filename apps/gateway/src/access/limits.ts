import { RateLimited, type RateLimiter, type Taken } from '@slipway/queue/rate-limit';
import type { Context, MiddlewareHandler } from 'hono';
import type { AppEnv } from '../caller.ts';

/**
 * Takes from the caller's allowance and tells in the answer's headers what is left, also in the answer to the CodedError
 * `rate_limited` that it throws. Needs the access middleware before it.
 */
export async function spend(c: Context<AppEnv>, limiter: RateLimiter, cost = 1): Promise<void> {
  try {
    tell(c, await limiter.take(c.get('caller').client, cost));
  } catch (error) {
    if (error instanceof RateLimited) tell(c, error.taken);
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
