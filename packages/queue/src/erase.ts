import { endStates, taskOfJobId } from '@slipway/contract/jobs';
import { CodedError } from '@slipway/contract/problems';
import type { TaskName } from '@slipway/contract/tasks';
import { webhookEventTypes } from '@slipway/contract/webhooks';
import { archivedField, erasedKey } from './archive/keys.ts';
import { eventsKey } from './events.ts';
import { anyJobKey, excerptField, searchField } from './index-of-jobs.ts';
import { erasedField, getJob, termsField } from './inspect.ts';
import { withoutInput } from './kept-input.ts';
import type { Queues } from './queues.ts';
import { defineScript } from './script.ts';
import { deliveriesKey } from './webhooks/delivery-log.ts';
import { deliveryId, deliveryQueueName } from './webhooks/delivery-queue.ts';
import { outboxKey } from './webhooks/outbox.ts';

/** Jobs whose erasing is not finished, by when they are looked at again, in milliseconds since 1970. */
export const erasingKey = (prefix: string) => `${prefix}:slipway:erasing`;
const lookAgainMs = 5_000;
const mostAtOnce = 100;

/** A job that is gone must not come back as a few fields. */
const eraseScript = defineScript<number>(
  'slipwayErase',
  `
local job, events, deliveries, queueEvents, erased = unpack(KEYS)
local id, payload, result, now, erasedField, searchField, excerptField, archivedField = unpack(ARGV)
if redis.call('EXISTS', job) == 0 then return 0 end
redis.call('HSET', job, 'data', payload)
redis.call('HSETNX', job, erasedField, now)
if result ~= '' then redis.call('HSET', job, 'returnvalue', result) end
redis.call('HDEL', job, searchField, excerptField, 'stacktrace')
redis.call('DEL', events, deliveries)
-- with its file of the archive, for the job may be gone before the archive hears of it
redis.call('ZADD', erased, now, id .. ' ' .. (redis.call('HGET', job, archivedField) or ''))
-- BullMQ's own events, some hundreds, repeat the result
for _, entry in ipairs(redis.call('XRANGE', queueEvents, '-', '+')) do
  for i = 1, #entry[2], 2 do
    if entry[2][i] == 'jobId' and entry[2][i + 1] == id then redis.call('XDEL', queueEvents, entry[1]) end
  end
end
return 1
`,
);

/** A webhook that is yet to be told is needed until then. Its delivery is in the queue before the job leaves the outbox. */
const forgetWebhookScript = defineScript<number>(
  'slipwayForgetWebhook',
  `
local job, deliveries, erasing, outbox = unpack(KEYS)
local id, terms, termsField, again = unpack(ARGV)
local isDue = redis.call('ZSCORE', outbox, id)
for i = 5, #KEYS do
  if redis.call('EXISTS', KEYS[i]) == 1 and redis.call('HEXISTS', KEYS[i], 'finishedOn') == 0 then isDue = true end
end
if isDue then return redis.call('ZADD', erasing, again, id) end
if redis.call('EXISTS', job) == 1 then redis.call('HSET', job, termsField, terms) end
redis.call('DEL', deliveries)
return redis.call('ZREM', erasing, id)
`,
);

/**
 * Erases what a job was given and gave: input, options, output, events, its webhook and the log of it. What it was and how it
 * ended stays. Of a job that has not ended, or whose webhook is yet to be told, `finishErasing` does it when it may be done.
 * Twice is as good as once. Throws CodedError `job_not_found` or `queue_unavailable`.
 */
export async function eraseJob(queues: Queues, id: string): Promise<void> {
  const { state } = await getJob(queues, id);
  const task = taskOfJobId(id);
  if (!task) return;
  if (!endStates.has(state)) return eraseLater(queues, id);
  await queues.use(async ({ redis, prefix, key }) => {
    const job = key(task, id);
    const result = await redis.hget(job, 'returnvalue');
    const bare = result === null ? '' : JSON.stringify({ ...JSON.parse(result), output: null });
    const keys = [job, eventsKey(prefix, id), deliveriesKey(prefix, id), key(task, 'events'), erasedKey(prefix)];
    const payload = JSON.stringify(withoutInput({ options: {} }));
    const fields = [erasedField, searchField, excerptField, archivedField];
    await eraseScript.run(redis, keys, id, payload, bare, Date.now(), ...fields);
  });
  await forgetWebhook(queues, task, id);
}

/** The archive hears of it now: a container that begins meanwhile must not run the job anew. */
async function eraseLater(queues: Queues, id: string): Promise<void> {
  const now = Date.now();
  await queues.use(({ redis, prefix }) =>
    redis.multi().zadd(erasingKey(prefix), now, id).zadd(erasedKey(prefix), now, `${id} `).exec(),
  );
}

async function forgetWebhook(queues: Queues, task: TaskName, id: string): Promise<void> {
  await queues.use(async ({ redis, prefix, key }) => {
    const json = await redis.hget(key(task, id), termsField);
    const { webhook: _webhook, ...terms } = JSON.parse(json ?? '{}');
    const keys = [key(task, id), deliveriesKey(prefix, id), erasingKey(prefix), outboxKey(prefix)];
    for (const type of webhookEventTypes) keys.push(`${prefix}:${deliveryQueueName}:${deliveryId(id, type)}`);
    await forgetWebhookScript.run(redis, keys, id, JSON.stringify(terms), termsField, Date.now() + lookAgainMs);
  });
}

/**
 * Erases the jobs that were to be erased and have ended since, and the webhooks that have been told since. To be called each
 * second; several processes may do so at the same time. Throws CodedError `queue_unavailable`.
 */
export async function finishErasing(queues: Queues, now = Date.now()): Promise<void> {
  const ids = await queues.use(({ redis, prefix }) =>
    redis.zrangebyscore(erasingKey(prefix), 0, now, 'LIMIT', 0, mostAtOnce),
  );
  await Promise.all(ids.map((id) => finish(queues, id)));
}

async function finish(queues: Queues, id: string): Promise<void> {
  // first, so that one that can't be erased stands in nobody's way
  await queues.use(({ redis, prefix }) => redis.zadd(erasingKey(prefix), 'XX', Date.now() + lookAgainMs, id));
  const task = taskOfJobId(id);
  if (!task) return forgetStrange(queues, id);
  try {
    const { state, erasedAt } = await getJob(queues, id);
    if (erasedAt !== null) await forgetWebhook(queues, task, id);
    else if (endStates.has(state)) await eraseJob(queues, id);
  } catch (error) {
    if (!(error instanceof CodedError && error.code === 'job_not_found')) throw error;
    await queues.use(({ redis, prefix }) => redis.zrem(erasingKey(prefix), id));
  }
}

/** A job of a task that this version does not have: a version that has it erases it, or the sweep takes all of it away. */
async function forgetStrange(queues: Queues, id: string): Promise<void> {
  await queues.use(async ({ redis, prefix }) => {
    if ((await redis.exists(anyJobKey(prefix, id))) === 0) await redis.zrem(erasingKey(prefix), id);
  });
}

/** Jobs that are to be erased, or whose webhook is. Throws CodedError `queue_unavailable`. */
export function readErasing(queues: Queues): Promise<Set<string>> {
  return queues.use(async ({ redis, prefix }) => new Set(await redis.zrange(erasingKey(prefix), 0, '-1')));
}
