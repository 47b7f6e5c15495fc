import { randomBytes } from 'node:crypto';
import type { Queues } from './queues.ts';

const secretKey = (prefix: string) => `${prefix}:slipway:operator-secret`;
const generationKey = (prefix: string) => `${prefix}:slipway:operator-generation`;

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

/** A session of another generation is over. Throws CodedError `queue_unavailable`, as all here do. */
export function operatorGeneration(queues: Queues): Promise<number> {
  return queues.use(async ({ redis, prefix }) => Number((await redis.get(generationKey(prefix))) ?? 0));
}

/** Ends all sessions, and gives the generation of those to come. */
export function nextOperatorGeneration(queues: Queues): Promise<number> {
  return queues.use(({ redis, prefix }) => redis.incr(generationKey(prefix)));
}
