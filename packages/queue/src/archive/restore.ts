import type { ArchivedJob } from '@slipway/contract/archive';
import { taskOfJobId } from '@slipway/contract/jobs';
import type { TaskName } from '@slipway/contract/tasks';
import { tasks } from '@slipway/contract/tasks';
import { allJobsKey, excerptField, ownJobsKey, searchField } from '../index-of-jobs.ts';
import { erasedField, termsField } from '../inspect.ts';
import { bullmqPriority } from '../priority.ts';
import type { Queues } from '../queues.ts';
import { defineScript } from '../script.ts';
import { enrol } from '../submit.ts';
import { outboxKey, startedKey } from '../webhooks/outbox.ts';
import { archivedField, lostField } from './keys.ts';

/**
 * In one step, and only where there is no such job: what Redis holds is newer than any archive. Of one that has ended there
 * too, only its file is noted.
 */
const restoreScript = defineScript<number>(
  'slipwayRestore',
  `
local job, ending = KEYS[1], KEYS[2]
local id, finishedOn, submitted, archivedField, file = unpack(ARGV, 1, 5)
if redis.call('EXISTS', job) == 1 then
  if redis.call('HEXISTS', job, 'finishedOn') == 1 then redis.call('HSET', job, archivedField, file) end
  return 0
end
redis.call('HSET', job, unpack(ARGV, 4))
redis.call('ZADD', ending, finishedOn, id)
for i = 3, #KEYS do redis.call('ZADD', KEYS[i], 'NX', submitted, id) end
return 1
`,
);

/**
 * Puts back a job that has ended, as BullMQ would have written it, so that it is read, listed and removed like any other.
 * False where it is there already, or its time to be read is over. Throws CodedError `queue_unavailable`.
 */
export async function restoreFinished(queues: Queues, job: ArchivedJob, file: string): Promise<boolean> {
  const { id, input, options, terms, result, finishedAt } = job;
  const task = taskOfJobId(id);
  if (!task || finishedAt === null) return false;
  return queues.use(async ({ redis, prefix, key, queue, jobTtlSeconds }) => {
    if (finishedAt + jobTtlSeconds * 1_000 <= Date.now()) return false;
    const keys = [key(task, id), key(task, result ? 'completed' : 'failed'), allJobsKey(prefix)];
    if (terms.owner !== undefined) keys.push(ownJobsKey(prefix, terms.owner));
    const { jobsOpts } = queue(task);
    const fields: Record<string, string | number | undefined | null> = {
      name: task,
      data: JSON.stringify({ input, options }),
      opts: JSON.stringify({ ...jobsOpts, attempts: tasks[task].attempts, priority: bullmqPriority }),
      timestamp: job.createdAt,
      delay: 0,
      priority: bullmqPriority,
      processedOn: job.startedAt,
      finishedOn: finishedAt,
      returnvalue: result && JSON.stringify(result),
      failedReason: job.failure,
      atm: job.attempts,
      stc: job.stalls,
      [termsField]: JSON.stringify(terms),
      [searchField]: job.search,
      [excerptField]: job.excerpt,
      [erasedField]: job.erasedAt,
    };
    const given = Object.entries(fields).flatMap(([name, value]) => (value == null ? [] : [name, value]));
    return (await restoreScript.run(redis, keys, id, finishedAt, job.submittedAt, archivedField, file, ...given)) === 1;
  });
}

/**
 * Puts a job that waited or ran back into its place in line. Of one that ran, that attempt is lost; after as many as the
 * task has, the worker that takes it ends it as `worker_lost`, so that a job that kills its container does not come back
 * for ever. False where it is there already, or this version has no such task. Throws CodedError `queue_unavailable`.
 */
export async function restoreOpen(queues: Queues, job: ArchivedJob): Promise<boolean> {
  const { id, input, options, terms, startedAt } = job;
  const task = taskOfJobId(id);
  if (!task || (await exists(queues, task, id))) return false;
  const { createdAt: timestamp, submittedAt: submitted } = job;
  await queues.use((open) => enrol(open, { id, task, input, options, terms, timestamp, submitted }));
  const stalls = job.stalls + (startedAt === null ? 0 : 1);
  const fields = {
    ...((job.attempts > 0 || stalls > 0) && { atm: job.attempts, stc: stalls }),
    ...(startedAt !== null && { [lostField]: startedAt }),
    ...(stalls >= tasks[task].attempts && { defa: 'job stalled more than allowable limit' }), // as BullMQ writes it
  };
  if (Object.keys(fields).length > 0) await queues.use(({ redis, key }) => redis.hset(key(task, id), fields));
  return true;
}

/** The webhook of a restored job is yet to be told. Throws CodedError `queue_unavailable`. */
export async function restoreWebhook(queues: Queues, id: string, startIsTold: boolean): Promise<void> {
  await queues.use(async ({ redis, prefix }) => {
    if (startIsTold) await redis.sadd(startedKey(prefix), id);
    await redis.zadd(outboxKey(prefix), 'NX', Date.now(), id);
  });
}

const exists = (queues: Queues, task: TaskName, id: string) =>
  queues.use(async ({ redis, key }) => (await redis.exists(key(task, id))) === 1);
