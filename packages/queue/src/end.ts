import type { CodedError } from '@slipway/contract/problems';
import type { TaskName } from '@slipway/contract/tasks';
import { newsChannel } from './events.ts';
import { formatFailure } from './failure.ts';
import { dropLargeInput } from './kept-input.ts';
import type { Queues } from './queues.ts';
import { defineScript } from './script.ts';

/** Job ids by their deadlines, in milliseconds since 1970. */
export const deadlinesKey = (prefix: string) => `${prefix}:slipway:deadlines`;

/** Where workers hear which running job is to end: `<id> <code>: <message>`. */
export const endChannel = (prefix: string) => `${prefix}:slipway:end`;

/** The field of the job's hash that holds why it is to end, for a worker that did not hear of it. */
export const endField = 'slipway:end';

export type Ended = 'missing' | 'ended_before' | 'ended' | 'running';

/**
 * In one step, so that no worker can take the job meanwhile: a job that waits becomes a failed one as BullMQ would write
 * it; of one that runs, its worker is told.
 */
const endScript = defineScript<Ended>(
  'slipwayEnd',
  `
local job, wait, prioritized, delayed, failed, events, deadlines = unpack(KEYS)
local id, reason, now, endField, endChannel = unpack(ARGV)
if redis.call('EXISTS', job) == 0 then return 'missing' end
if redis.call('HEXISTS', job, 'finishedOn') == 1 then return 'ended_before' end
local waited = redis.call('ZREM', prioritized, id) + redis.call('ZREM', delayed, id) + redis.call('LREM', wait, 0, id)
if waited == 0 then
  redis.call('HSET', job, endField, reason)
  redis.call('PUBLISH', endChannel, id .. ' ' .. reason)
  return 'running'
end
redis.call('HSET', job, 'failedReason', reason, 'finishedOn', now)
redis.call('ZADD', failed, now, id)
redis.call('ZREM', deadlines, id)
redis.call('XADD', events, 'MAXLEN', '~', 500, '*',
  'event', 'failed', 'jobId', id, 'failedReason', reason, 'prev', 'waiting')
return 'ended'
`,
);

/**
 * Ends a job before it is done: at once where it waits, else its worker stops it within seconds. Throws CodedError
 * `queue_unavailable`.
 */
export function endJob(queues: Queues, task: TaskName, id: string, why: CodedError): Promise<Ended> {
  return queues.use(async ({ redis, prefix, key }) => {
    const keys = [id, 'wait', 'prioritized', 'delayed', 'failed', 'events'].map((suffix) => key(task, suffix));
    keys.push(deadlinesKey(prefix));
    const reason = formatFailure(why.code, why.message);
    const ended = await endScript.run(redis, keys, id, reason, Date.now(), endField, endChannel(prefix));
    if (ended === 'ended') {
      await redis.publish(newsChannel(prefix, id), '');
      await dropLargeInput(redis, key(task, id));
    }
    return ended;
  });
}
