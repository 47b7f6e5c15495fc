import { taskOfJobId } from '@slipway/contract/jobs';
import { CodedError } from '@slipway/contract/problems';
import { endJob } from './end.ts';
import type { Queues } from './queues.ts';

/**
 * Cancels a job: at once where it waits; a running one is told to stop, and is seen as `canceled` when it has. Nothing
 * happens to one that has ended. Throws CodedError `job_not_found` or `queue_unavailable`.
 */
export async function cancelJob(queues: Queues, id: string): Promise<void> {
  const task = taskOfJobId(id);
  const ended = task && (await endJob(queues, task, id, new CodedError('canceled', 'The job was canceled.')));
  if (!ended || ended === 'missing') throw new CodedError('job_not_found', 'There is no such job.');
}
