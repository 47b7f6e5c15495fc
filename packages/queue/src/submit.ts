import { newJobId } from '@slipway/contract/jobs';
import type { Terms } from '@slipway/contract/records';
import { type TaskInput, type TaskName, type TaskOptions, tasks } from '@slipway/contract/tasks';
import { createIORedisClient, type IRedisTransaction, Job } from 'bullmq';
import type { ChainableCommander } from 'ioredis';
import { deadlinesKey } from './deadlines.ts';
import type { Queues } from './queues.ts';

/** BullMQ runs lower numbers first. Always set, because only jobs with a priority lie in a sorted set (see inspect.ts). */
const normalPriority = 10;

/** The field of the job's hash that holds its terms as JSON. */
export const termsField = 'slipway:terms';

/**
 * Puts a job into its task's queue, all of it in one transaction, and gives back its id. Input and options must have been
 * parsed by the task's schemas. Throws CodedError `queue_unavailable`.
 */
export async function submitJob<T extends TaskName>(
  queues: Queues,
  task: T,
  input: TaskInput<T>,
  options: TaskOptions<T>,
  terms: Terms = {},
): Promise<string> {
  const id = newJobId(task);
  await queues.use(async ({ redis, prefix, queue, key }) => {
    const taskQueue = queue(task);
    const job = new Job(
      taskQueue,
      task,
      { input, options },
      {
        ...taskQueue.jobsOpts,
        priority: normalPriority,
        attempts: tasks[task].attempts,
        backoff: { type: 'exponential', delay: 500 },
      },
      id,
    );
    // what BullMQ gives back is the connection's own transaction with its scripts besides
    const transaction = createIORedisClient(redis).multi() as IRedisTransaction & ChainableCommander;
    void job.addJob(transaction);
    transaction.hset(key(task, id), { [termsField]: JSON.stringify(terms) });
    if (terms.deadline !== undefined) transaction.zadd(deadlinesKey(prefix), terms.deadline, id);
    for (const [error] of (await transaction.exec()) ?? []) if (error) throw error;
  });
  return id;
}
