import { newJobId } from '@slipway/contract/jobs';
import { addEvents } from '@slipway/queue/events';
import type { Queues } from '@slipway/queue/queues';
import { submitJob } from '@slipway/queue/submit';

/** Jobs to ask for, by what has become of them. */
export const conditions = [
  'queued',
  'running',
  'succeeded',
  'failed',
  'canceled',
  'expired',
  'erased',
  'without input',
  "another's",
  'unknown',
] as const;
export type Condition = (typeof conditions)[number];

const result = {
  output: { summary: 'The harbour is a museum.' },
  engine: 'extractive',
  engineReason: 'as configured',
  model: null,
  inputTokens: 9,
  outputTokens: 5,
};
const reasons: Partial<Record<Condition, string>> = {
  failed: 'child_crashed: The process ended.',
  canceled: 'canceled: The job was canceled.',
  expired: 'deadline_exceeded: Not done in time.',
  'without input': 'canceled: The job was canceled.',
  erased: 'canceled: The job was canceled.',
};

/** A new job in that condition, as BullMQ's hash would say it; gives its id. `owner` as on the caller. */
export async function madeJob(queues: Queues, condition: Condition, owner: string | null): Promise<string> {
  if (condition === 'unknown') return newJobId('summarize');
  const whose = condition === "another's" ? 'somebody else' : owner;
  const options = { engine: 'auto', length: 'short', format: 'paragraph' } as const;
  const terms = { tags: ['made'], ...(whose !== null && { owner: whose }) };
  const { id } = await submitJob(queues, 'summarize', { text: 'The harbour was built in 1880.' }, options, terms);
  const fields = fieldsOf(condition);
  if (condition !== 'running' && Object.keys(fields).length === 0) return id;
  await queues.use(async ({ redis, prefix, key }) => {
    const job = key('summarize', id);
    const place = key('summarize', condition === 'running' ? 'active' : 'failed');
    const change = redis
      .multi()
      .zrem(key('summarize', 'prioritized'), id)
      .hset(job, { processedOn: Date.now(), ...fields });
    if (condition === 'running') change.lpush(place, id);
    else change.zadd(condition === 'succeeded' ? key('summarize', 'completed') : place, Date.now(), id);
    await change.exec();
    if (condition === 'running') await addEvents(redis, prefix, id, [{ type: 'state', state: 'running', attempt: 1 }]);
  });
  return id;
}

function fieldsOf(condition: Condition): Record<string, string | number> {
  const ended = { finishedOn: Date.now() };
  if (condition === 'succeeded') return { ...ended, returnvalue: JSON.stringify(result) };
  const failedReason = reasons[condition];
  if (failedReason === undefined) return {};
  const gone = { data: JSON.stringify({ input: null, options: {} }) };
  return {
    ...ended,
    failedReason,
    ...((condition === 'without input' || condition === 'erased') && gone),
    ...(condition === 'erased' && { 'slipway:erased': Date.now() }),
  };
}
