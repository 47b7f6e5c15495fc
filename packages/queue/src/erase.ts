import { endStates, taskOfJobId } from '@slipway/contract/jobs';
import { CodedError } from '@slipway/contract/problems';
import { erasedKey } from './archive/keys.ts';
import { eventsKey } from './events.ts';
import { excerptField, searchField } from './index-of-jobs.ts';
import { erasedField, getJob } from './inspect.ts';
import { withoutInput } from './kept-input.ts';
import type { Queues } from './queues.ts';
import { deliveriesKey } from './webhooks/delivery-log.ts';

/**
 * Erases what a job was given and gave: input, options, output, events and the log of its webhook. What it was and how it
 * ended stays. Twice is as good as once. Throws CodedError `job_not_found`, `job_unfinished` or `queue_unavailable`.
 */
export async function eraseJob(queues: Queues, id: string): Promise<void> {
  const { state } = await getJob(queues, id);
  if (!endStates.has(state)) throw new CodedError('job_unfinished', `The job is ${state}. Cancel it first.`);
  const task = taskOfJobId(id);
  if (!task) return;
  const now = Date.now();
  await queues.use(async ({ redis, prefix, key }) => {
    const job = key(task, id);
    const result = await redis.hget(job, 'returnvalue');
    const bare = result === null ? {} : { returnvalue: JSON.stringify({ ...JSON.parse(result), output: null }) };
    await redis
      .multi()
      .hset(job, { data: JSON.stringify(withoutInput({ options: {} })), [erasedField]: now, ...bare })
      .hdel(job, searchField, excerptField, 'stacktrace')
      .del(eventsKey(prefix, id), deliveriesKey(prefix, id))
      .zadd(erasedKey(prefix), now, id)
      .exec();
  });
}
