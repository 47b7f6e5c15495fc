import { taskOfJobId } from '@slipway/contract/jobs';
import { CodedError } from '@slipway/contract/problems';
import { deadlinesKey, endJob } from './end.ts';
import type { Queues } from './queues.ts';

/** How often one who calls `endOverdue` should, in milliseconds. */
export const overdueEveryMs = 1_000;
const mostAtOnce = 100;

export const overdue = () => new CodedError('deadline_exceeded', 'The job was not done before its deadline.');

/**
 * Ends jobs whose deadline has passed. A worker watches over those that it runs by itself; this is for those that wait.
 * Several processes may call it at the same time. Throws CodedError `queue_unavailable`.
 */
export async function endOverdue(queues: Queues): Promise<void> {
  const ids = await queues.use(({ redis, prefix }) =>
    redis.zrangebyscore(deadlinesKey(prefix), 0, Date.now(), 'LIMIT', 0, mostAtOnce),
  );
  for (const id of ids) {
    const task = taskOfJobId(id);
    if (task) await endJob(queues, task, id, overdue());
  }
  if (ids.length > 0) await queues.use(({ redis, prefix }) => redis.zrem(deadlinesKey(prefix), ids));
}
