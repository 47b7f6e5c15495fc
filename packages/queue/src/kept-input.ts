import type { Redis } from 'ioredis';

/**
 * The input of a job that has ended is kept for a retry, unless it is large: nobody reads it, and inputs are what would
 * fill Redis. In bytes of JSON.
 */
export const keptInputBytes = 64 * 1024;

/** The part of BullMQ's payload that stays when the input goes. */
export const withoutInput = (payload: object) => ({ ...payload, input: null });

/** `key` is that of the job's hash. */
export async function dropLargeInput(redis: Redis, key: string): Promise<void> {
  if ((await redis.hstrlen(key, 'data')) <= keptInputBytes) return;
  const json = await redis.hget(key, 'data');
  if (json !== null) await redis.hset(key, 'data', JSON.stringify(withoutInput(JSON.parse(json))));
}
