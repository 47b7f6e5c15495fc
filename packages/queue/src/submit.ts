import { type Job as JobOnWire, newJobId } from '@slipway/contract/jobs';
import type { Terms } from '@slipway/contract/records';
import { type TaskInput, type TaskName, type TaskOptions, tasks } from '@slipway/contract/tasks';
import { Job } from 'bullmq';
import { deadlinesKey } from './end.ts';
import {
  allJobsKey,
  beginningOf,
  excerptField,
  excerptOf,
  lengthOf,
  ownJobsKey,
  searchField,
  searchTextOf,
} from './index-of-jobs.ts';
import { termsField, toJob, type ViewOptions } from './inspect.ts';
import { bullmqPriority, placeInLine, submissionTime } from './priority.ts';
import type { OpenQueues, Queues } from './queues.ts';
import { defineScript } from './script.ts';
import { inSharedTransaction } from './shared-transaction.ts';
import { outboxKey } from './webhooks/outbox.ts';

export interface SubmitOptions extends ViewOptions {
  /** Made by `newJobId`; a job that has it already stays as it is. */
  id?: string;
}

/**
 * After BullMQ's own script: the job's place in line, its terms, its deadline, and the indexes (KEYS from the fifth on; the
 * outbox of webhooks is one). Gives how many are ahead of it.
 */
const enrolScript = defineScript<number>(
  'slipwayEnrol',
  `
local job, prioritized, wait, deadlines = unpack(KEYS)
local id, place, submitted, deadline, termsField, terms, searchField, search, excerptField, excerpt = unpack(ARGV)
local function ahead() return redis.call('LLEN', wait) + (redis.call('ZRANK', prioritized, id) or 0) end
-- submitted before, under the same idempotency key: it stays as it is
if redis.call('HEXISTS', job, termsField) == 1 then return ahead() end
redis.call('ZADD', prioritized, 'XX', place, id)
redis.call('HSET', job, termsField, terms, searchField, search)
if excerpt ~= '' then redis.call('HSET', job, excerptField, excerpt) end
if deadline ~= '' then redis.call('ZADD', deadlines, deadline, id) end
for i = 5, #KEYS do redis.call('ZADD', KEYS[i], 'NX', submitted, id) end
return ahead()
`,
);

/**
 * Puts a job into its task's queue, all of it in one transaction, and gives it back as it stands there. Input and options
 * must have been parsed by the task's schemas. Throws CodedError `queue_unavailable`.
 */
export async function submitJob<T extends TaskName>(
  queues: Queues,
  task: T,
  input: TaskInput<T>,
  options: TaskOptions<T>,
  given: Terms = {},
  { id = newJobId(task), ...view }: SubmitOptions = {},
): Promise<JobOnWire> {
  await view.estimator?.ready();
  const timestamp = Date.now();
  const terms: Terms = { ...given, inputLength: lengthOf(input) };
  return queues.use(async (open) => {
    const submitted = submissionTime(timestamp);
    const ahead = await enrol(open, { id, task, input, options, terms, timestamp, submitted });
    const fields = { timestamp: String(timestamp), [termsField]: JSON.stringify(terms) };
    return toJob(open, id, task, fields, { active: false, ahead }, view);
  });
}

export interface Enrolment {
  id: string;
  task: TaskName;
  input: unknown;
  options: unknown;
  terms: Terms;
  /** When it was made, in milliseconds since 1970. */
  timestamp: number;
  /** Its place in lists and, with its priority, in line: see `submissionTime`. */
  submitted: number;
}

/** Puts a job into its queue, all of it in one transaction, and gives how many are ahead of it. */
export async function enrol(
  { redis, prefix, queue, key }: OpenQueues,
  { id, task, input, options, terms, timestamp, submitted }: Enrolment,
): Promise<number> {
  const taskQueue = queue(task);
  const job = new Job(
    taskQueue,
    task,
    { input, options },
    {
      ...taskQueue.jobsOpts,
      timestamp,
      priority: bullmqPriority,
      attempts: tasks[task].attempts,
      backoff: { type: 'exponential', delay: 500 },
    },
    id,
  );
  enrolScript.define(redis);
  const keys = [key(task, id), key(task, 'prioritized'), key(task, 'wait'), deadlinesKey(prefix), allJobsKey(prefix)];
  if (terms.webhook) keys.push(outboxKey(prefix));
  if (terms.owner !== undefined) keys.push(ownJobsKey(prefix, terms.owner));
  const beginning = beginningOf(input) ?? '';
  const search = searchTextOf(id, beginning, terms.tags ?? []);
  const texts = [termsField, JSON.stringify(terms), searchField, search, excerptField, excerptOf(beginning)];
  const replies = await inSharedTransaction(redis, (transaction) => {
    void job.addJob(transaction);
    const place = placeInLine(submitted, terms.priority);
    enrolScript.queue(transaction, keys, id, place, submitted, terms.deadline ?? '', ...texts);
  });
  return Number(replies[1]);
}
