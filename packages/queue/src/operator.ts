import { randomBytes } from 'node:crypto';
import type { Queues } from './queues.ts';
import { defineScript } from './script.ts';

const secretKey = (prefix: string) => `${prefix}:slipway:operator-secret`;
const endedKey = (prefix: string) => `${prefix}:slipway:operator-ended`;

/** What signs operators' sessions where nothing else does: the first who asks makes it, and Redis keeps it. */
export function operatorSecret(queues: Queues): Promise<string> {
  return queues.use(async ({ redis, prefix }) => {
    const key = secretKey(prefix);
    await redis.set(key, randomBytes(32).toString('base64'), 'NX');
    const secret = await redis.get(key);
    if (secret === null) throw new Error('the secret that signs sessions has vanished');
    return secret;
  });
}

/** Both in ms since 1970, by Redis' clock: the gateways of several machines have no other in common. */
export interface OperatorTimes {
  now: number;
  /** Sessions that were begun then or before are over; 0: none is. */
  ended: number;
}

/** Throws CodedError `queue_unavailable`, as all here do. */
export function operatorTimes(queues: Queues): Promise<OperatorTimes> {
  return queues.use(async ({ redis, prefix }) => {
    const [[seconds = 0, micros = 0], ended] = await Promise.all([redis.time(), redis.get(endedKey(prefix))]);
    return { now: seconds * 1_000 + Math.floor(micros / 1_000), ended: Number(ended ?? 0) };
  });
}

/** In one step, so that of two that end all at once the later stays. Formatted, or Lua writes 1.7e+12. */
const endScript = defineScript<string>(
  'slipwayEndOperators',
  `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local ended = tonumber(redis.call('GET', KEYS[1]) or 0)
local text = string.format('%.0f', math.max(now, ended + 1))
redis.call('SET', KEYS[1], text)
return text
`,
);

/** Ends all sessions, those that were begun as late as just after the last such end too. Gives the new `ended`. */
export function endOperators(queues: Queues): Promise<number> {
  return queues.use(async ({ redis, prefix }) => Number(await endScript.run(redis, [endedKey(prefix)])));
}
