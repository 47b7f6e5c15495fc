import type { Log } from '@slipway/runtime/log';
import { Redis, type RedisOptions } from 'ioredis';

/** Longest time a command of a producer may take, so that a hung Redis gives an error and not a hung request. */
const commandTimeoutMs = 1_500;

/** Redis' own default is 100,000 ms between tries at worst; a person waits for this one. */
const retryEveryMs = (tries: number) => Math.min(50 * 2 ** Math.min(tries, 6), 1_000);

/**
 * A connection that fails fast, for those who answer somebody: no waiting for a Redis that is away.
 * (BullMQ's documented recipe without a command time-out hangs on a stopped Redis.)
 */
export function connectProducer(url: string, log: Log): Redis {
  return connect(url, log, { enableOfflineQueue: false, maxRetriesPerRequest: 1, commandTimeout: commandTimeoutMs });
}

/** A connection that waits for Redis as long as it takes, for those who only work when it is there. */
export function connectConsumer(url: string, log: Log): Redis {
  return connect(url, log, { maxRetriesPerRequest: null });
}

function connect(url: string, log: Log, options: RedisOptions): Redis {
  const all: RedisOptions = { ...options, retryStrategy: retryEveryMs };
  const redis = url.startsWith('unix://') ? new Redis(url.slice('unix://'.length), all) : new Redis(url, all);
  reportOutages(redis, log);
  return redis;
}

/** One line when Redis goes away and one when it is back, not one for each try. */
function reportOutages(redis: Redis, log: Log): void {
  let away = false;
  redis.on('error', (err: Error) => {
    if (away) return;
    away = true;
    log.error({ reason: err.message }, 'redis is away; trying again');
  });
  redis.on('ready', () => {
    if (away) log.info('redis is back');
    away = false;
  });
}
