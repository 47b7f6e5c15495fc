import { taskOfJobId } from '@slipway/contract/jobs';
import { isTaskName, type TaskName, taskNames } from '@slipway/contract/tasks';

/** What the address names: `#task=<name>`, or `#job=<id>`, whose id begins with its task. */
export interface Address {
  task: TaskName;
  jobId: string | null;
}

const firstTask = taskNames[0] ?? 'summarize';

/** An address that names nothing known means the first task; an id of no known task is kept, to be told as unknown. */
export function parseAddress(hash: string): Address {
  const named = new URLSearchParams(hash.replace(/^#/, ''));
  const jobId = named.get('job');
  const task = jobId === null ? named.get('task') : taskOfJobId(jobId);
  return { task: isTaskName(task) ? task : firstTask, jobId };
}

export const addressOf = ({ task, jobId }: Address) =>
  `#${new URLSearchParams(jobId === null ? { task } : { job: jobId })}`;
