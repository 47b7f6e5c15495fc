import { newJobId } from '@slipway/contract/jobs';
import { type TaskInput, type TaskName, type TaskOptions, tasks } from '@slipway/contract/tasks';
import type { Queues } from './queues.ts';

/** BullMQ runs lower numbers first. Always set, because only jobs with a priority lie in a sorted set (see inspect.ts). */
const normalPriority = 10;

/**
 * Puts a job into its task's queue and gives back its id. Input and options must have been parsed by the task's schemas.
 * Throws CodedError `queue_unavailable`.
 */
export async function submitJob<T extends TaskName>(
  queues: Queues,
  task: T,
  input: TaskInput<T>,
  options: TaskOptions<T>,
): Promise<string> {
  const id = newJobId(task);
  await queues.use(({ queue }) =>
    queue(task).add(
      task,
      { input, options },
      {
        jobId: id,
        priority: normalPriority,
        attempts: tasks[task].attempts,
        backoff: { type: 'exponential', delay: 500 },
      },
    ),
  );
  return id;
}
