import { setTimeout as sleep } from 'node:timers/promises';
import { taskNames } from '@slipway/contract/tasks';
import type { Queues } from '../queues.ts';

const lookEveryMs = 100;

/** Resolves when no job runs any more, or Redis is away. */
export async function untilIdle(queues: Queues): Promise<void> {
  const running = () =>
    queues.use(async ({ redis, key }) => {
      const counts = await Promise.all(taskNames.map((task) => redis.llen(key(task, 'active'))));
      return counts.some((count) => count > 0);
    });
  while (await running().catch(() => false)) await sleep(lookEveryMs);
}
