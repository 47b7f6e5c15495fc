import { type TaskName, taskNames } from '@slipway/contract/tasks';
import { type Memory, parseMemory } from './memory.ts';
import type { Queues } from './queues.ts';

export interface TaskCounts {
  task: TaskName;
  /** In line, waiting for a model, or between two attempts. */
  queued: number;
  running: number;
  /** Ended and not yet past their time: with a result, and without. */
  succeeded: number;
  unsuccessful: number;
}

/** How many jobs there are, and what Redis holds. Throws CodedError `queue_unavailable`. */
export function countJobs(queues: Queues): Promise<{ tasks: TaskCounts[]; memory: Memory }> {
  return queues.use(async ({ redis, key }) => {
    const pipeline = redis.pipeline();
    for (const task of taskNames) {
      pipeline.llen(key(task, 'wait')).zcard(key(task, 'prioritized')).zcard(key(task, 'delayed'));
      pipeline.llen(key(task, 'active')).zcard(key(task, 'completed')).zcard(key(task, 'failed'));
    }
    pipeline.info('memory');
    const replies = ((await pipeline.exec()) ?? []).map(([error, reply]) => {
      if (error) throw error;
      return reply;
    });
    const memory = parseMemory(String(replies.pop()));
    const tasks = taskNames.map((task, i) => {
      const [wait, prioritized, delayed, running, succeeded, unsuccessful] = (replies as number[]).slice(i * 6) as [
        number,
        number,
        number,
        number,
        number,
        number,
      ];
      return { task, queued: wait + prioritized + delayed, running, succeeded, unsuccessful };
    });
    return { tasks, memory };
  });
}
