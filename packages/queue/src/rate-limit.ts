import { CodedError } from '@slipway/contract/problems';
import type { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { Queues } from './queues.ts';

/** So many in a window of so many seconds; the window begins with the first. */
export interface RateLimit {
  requests: number;
  seconds: number;
}

/** How a client stands after it asked. */
export interface Taken {
  policy: string;
  limit: number;
  windowSeconds: number;
  remaining: number;
  /** Until the window ends, in whole seconds. */
  resetSeconds: number;
}

export interface RateLimiter {
  /**
   * Takes `cost` from what the client has left; null where there is no limit. Throws RateLimited where too little is
   * left, and then takes nothing; CodedError `batch_too_large` where `cost` is more than the whole limit; and CodedError
   * `queue_unavailable` where Redis is away: no answer is not a yes.
   */
  take(client: string, cost: number): Promise<Taken | null>;
}

/** CodedError `rate_limited` that knows how the client stands. */
export class RateLimited extends CodedError {
  readonly taken: Taken;

  constructor(message: string, taken: Taken) {
    super('rate_limited', message, { retryAfterSeconds: taken.resetSeconds });
    this.taken = taken;
  }
}

/** A program that waits for a job asks for it many times. */
const readsPerSubmission = 20;

/** The limit of submissions as it is configured, and that of reads which follows from it. */
export function openRateLimiters(
  queues: Queues,
  limit: RateLimit | null,
): { submissions: RateLimiter; reads: RateLimiter } {
  const reads = limit && { requests: limit.requests * readsPerSubmission, seconds: limit.seconds };
  return {
    submissions: openRateLimiter(queues, limit, 'submissions'),
    reads: openRateLimiter(queues, reads, 'reads'),
  };
}

/**
 * The library's own script counts what it refuses as well, so that one batch too large would use up what is left for
 * single jobs. KEYS: the client's counter. ARGV: cost, window in seconds, limit. Gives what would then be used, and how
 * many ms the window has left.
 */
const takeScript = `
local ttl = redis.call('pttl', KEYS[1])
local used = 0
if ttl > 0 then used = tonumber(redis.call('get', KEYS[1])) else ttl = ARGV[2] * 1000 end
used = used + ARGV[1]
if used <= tonumber(ARGV[3]) then redis.call('set', KEYS[1], used, 'PX', ttl) end
return {used, ttl}`;

/**
 * Counts by client, over all processes on one Redis, under `<prefix>:slipway:limit:<policy>:<client>`. Does no I/O before
 * the first `take`, and none at all where the limit is null.
 */
export function openRateLimiter(queues: Queues, limit: RateLimit | null, policy: string): RateLimiter {
  if (limit === null) return { take: async () => null };
  const { requests, seconds } = limit;
  const spare = new RateLimiterMemory({ points: requests, duration: seconds });
  let shared: RateLimiterRedis | undefined;

  function openShared(redis: Redis, prefix: string): RateLimiterRedis {
    const keyPrefix = `${prefix}:slipway:limit:${policy}`;
    const options = { storeClient: redis, points: requests, duration: seconds, keyPrefix };
    return new RateLimiterRedis({ ...options, customIncrTtlLuaScript: takeScript });
  }

  function consume(client: string, cost: number): Promise<RateLimiterRes> {
    return queues.use(async ({ redis, prefix }) => {
      shared ??= openShared(redis, prefix);
      try {
        return await outcome(shared.consume(client, cost));
      } catch (error) {
        // A Redis that is full or can't write still answers reads, so these are counted here and go on.
        if (error instanceof Error && error.name === 'ReplyError') return outcome(spare.consume(client, cost));
        throw error;
      }
    });
  }

  /** Not `rate_limited`, with which programs come again: no wait would help. */
  function tooMuchAtOnce(cost: number): CodedError {
    const message = `This counts as ${cost} ${policy}, and at most ${requests} are taken in ${seconds} s. Send it in parts.`;
    return new CodedError('batch_too_large', message);
  }

  return {
    async take(client, cost) {
      if (cost > requests) throw tooMuchAtOnce(cost);
      const { consumedPoints, msBeforeNext } = await consume(client, cost);
      const resetSeconds = Math.ceil(msBeforeNext / 1000);
      const standing = { policy, limit: requests, windowSeconds: seconds, resetSeconds };
      if (consumedPoints <= requests) return { ...standing, remaining: requests - consumedPoints };
      const remaining = Math.max(0, requests - (consumedPoints - cost));
      const message = `Of ${requests} ${policy} in ${seconds} s, ${remaining} are left. Try again in ${resetSeconds} s.`;
      throw new RateLimited(message, { ...standing, remaining });
    },
  };
}

/** The library rejects with its result, which is no Error, where the limit is reached. */
function outcome(consumed: Promise<RateLimiterRes>): Promise<RateLimiterRes> {
  return consumed.catch((error: unknown) => {
    if (error instanceof RateLimiterRes) return error;
    throw error;
  });
}
