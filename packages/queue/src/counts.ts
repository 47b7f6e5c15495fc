import type { QueueCounts } from '@slipway/contract/admin';
import type { TaskName } from '@slipway/contract/tasks';
import type { Queues } from './queues.ts';

/** How many jobs of a task wait, run, and have ended and can still be read. Throws CodedError `queue_unavailable`. */
export function countJobs(queues: Queues, task: TaskName): Promise<QueueCounts> {
  return queues.use(async ({ queue }) => {
    const counts = await queue(task).getJobCounts('prioritized', 'wait', 'delayed', 'active', 'completed', 'failed');
    const { prioritized = 0, wait = 0, delayed = 0, active = 0, completed = 0, failed = 0 } = counts;
    return { queued: prioritized + wait + delayed, running: active, succeeded: completed, unsuccessful: failed };
  });
}
