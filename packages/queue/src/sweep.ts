import { taskNames } from '@slipway/contract/tasks';
import { erasedKey } from './archive/keys.ts';
import { allJobsKey } from './index-of-jobs.ts';
import type { Queues } from './queues.ts';

/** How often one who calls `sweep` should, in milliseconds. */
export const sweepEveryMs = 60_000;
const mostAtOnce = 1_000;

/**
 * Removes jobs whose time to be read is over. BullMQ does so only when another job of the same queue ends in the same way.
 * Several processes may call it at the same time. Throws CodedError `queue_unavailable`.
 */
export async function sweep(queues: Queues): Promise<void> {
  await queues.use(async ({ redis, prefix, queue, key, jobTtlSeconds }) => {
    for (const task of taskNames)
      for (const set of ['completed', 'failed'] as const)
        await queue(task).clean(jobTtlSeconds * 1_000, mostAtOnce, set);
    // where no courier archives, nobody asks for these
    await redis.zremrangebyscore(erasedKey(prefix), '-inf', Date.now() - jobTtlSeconds * 1_000);
    // of the oldest in the index those that are gone; of one key's they leave when a list meets them
    const oldest = await redis.zrange(allJobsKey(prefix), 0, String(mostAtOnce - 1));
    const pipeline = redis.pipeline();
    for (const id of oldest) pipeline.exists(key(id.slice(0, -23) as (typeof taskNames)[number], id));
    const replies = (await pipeline.exec()) ?? [];
    const gone = oldest.filter((_, i) => replies[i]?.[1] === 0);
    if (gone.length > 0) await redis.zrem(allJobsKey(prefix), gone);
  });
}
