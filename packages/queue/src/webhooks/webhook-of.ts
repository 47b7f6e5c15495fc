import { taskOfJobId } from '@slipway/contract/jobs';
import type { Webhook } from '@slipway/contract/webhooks';
import { parseTerms, termsField } from '../inspect.ts';
import type { Queues } from '../queues.ts';

export interface JobWebhook {
  webhook: Webhook;
  owner: string | undefined;
}

/** Undefined where the job is gone or has none. Throws CodedError `queue_unavailable`. */
export async function webhookOf(queues: Queues, jobId: string): Promise<JobWebhook | undefined> {
  const task = taskOfJobId(jobId);
  if (!task) return undefined;
  const { webhook, owner } = parseTerms(await queues.use(({ redis, key }) => redis.hget(key(task, jobId), termsField)));
  return webhook && { webhook, owner };
}
