import type { Redis } from 'ioredis';
import { erasedField } from './inspect.ts';
import { defineScript } from './script.ts';

/**
 * The input of a job that has ended is kept for a retry, unless it is large: nobody reads it, and inputs are what would
 * fill Redis. In bytes of JSON.
 */
export const keptInputBytes = 16 * 1024;

/** The part of BullMQ's payload that stays when the input goes. */
export const withoutInput = (payload: object) => ({ ...payload, input: null });

/** A job that is gone must not come back as a field alone, nor one that was erased get its options back. */
const writeScript = defineScript<number>(
  'slipwayDropInput',
  `
if redis.call('EXISTS', KEYS[1]) == 0 or redis.call('HEXISTS', KEYS[1], ARGV[2]) == 1 then return 0 end
redis.call('HSET', KEYS[1], 'data', ARGV[1])
return 1
`,
);

/** Drops the input of a job where it has more than so many bytes. `key` is that of the job's hash. */
export async function dropLargeInput(redis: Redis, key: string, most = keptInputBytes): Promise<void> {
  if ((await redis.hstrlen(key, 'data')) <= most) return;
  const json = await redis.hget(key, 'data');
  if (json !== null) await writeScript.run(redis, [key], JSON.stringify(withoutInput(JSON.parse(json))), erasedField);
}
