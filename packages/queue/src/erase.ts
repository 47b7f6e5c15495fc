import { endStates, taskOfJobId } from '@slipway/contract/jobs';
import { CodedError } from '@slipway/contract/problems';
import { archivedField, erasedKey } from './archive/keys.ts';
import { eventsKey } from './events.ts';
import { excerptField, searchField } from './index-of-jobs.ts';
import { erasedField, getJob } from './inspect.ts';
import { withoutInput } from './kept-input.ts';
import type { Queues } from './queues.ts';
import { defineScript } from './script.ts';
import { deliveriesKey } from './webhooks/delivery-log.ts';

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

/**
 * Erases what a job was given and gave: input, options, output, events and the log of its webhook. What it was and how it
 * ended stays. Twice is as good as once. Throws CodedError `job_not_found`, `job_unfinished` or `queue_unavailable`.
 */
export async function eraseJob(queues: Queues, id: string): Promise<void> {
  const { state } = await getJob(queues, id);
  if (!endStates.has(state)) throw new CodedError('job_unfinished', `The job is ${state}. Cancel it first.`);
  const task = taskOfJobId(id);
  if (!task) return;
  await queues.use(async ({ redis, prefix, key }) => {
    const job = key(task, id);
    const result = await redis.hget(job, 'returnvalue');
    const bare = result === null ? '' : JSON.stringify({ ...JSON.parse(result), output: null });
    const keys = [job, eventsKey(prefix, id), deliveriesKey(prefix, id), key(task, 'events'), erasedKey(prefix)];
    const payload = JSON.stringify(withoutInput({ options: {} }));
    const fields = [erasedField, searchField, excerptField, archivedField];
    await eraseScript.run(redis, keys, id, payload, bare, Date.now(), ...fields);
  });
}
