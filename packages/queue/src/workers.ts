import { type WorkerStatus, workerStatusSchema } from '@slipway/contract/readiness';
import type { Redis } from 'ioredis';
import type { Queues } from './queues.ts';

const setKey = 'slipway:workers';
const statusKey = (id: string) => `slipway:worker:${id}`;

/** A worker that has told nothing for this long is taken as gone. */
const ttlMs = 15_000;
export const announceEveryMs = 5_000;

/** Tells what a worker can do now. Call it at every change, and every `announceEveryMs` to stay listed. */
export async function announceWorker(redis: Redis, status: WorkerStatus): Promise<void> {
  await redis.multi().sadd(setKey, status.id).set(statusKey(status.id), JSON.stringify(status), 'PX', ttlMs).exec();
}

export async function retireWorker(redis: Redis, id: string): Promise<void> {
  await redis.multi().srem(setKey, id).del(statusKey(id)).exec();
}

/** The workers that are alive. Throws CodedError `queue_unavailable`. */
export function listWorkers(queues: Queues): Promise<WorkerStatus[]> {
  return queues.use(async ({ redis }) => {
    const ids = await redis.smembers(setKey);
    if (ids.length === 0) return [];
    const values = await redis.mget(ids.map(statusKey));
    const gone = ids.filter((_, i) => values[i] === null);
    if (gone.length > 0) await redis.srem(setKey, gone);
    return values
      .filter((json) => json !== null)
      .map((json) => workerStatusSchema.safeParse(JSON.parse(json)).data)
      .filter((status) => status !== undefined);
  });
}
