import type { ArchivedJob, PendingWebhook } from '@slipway/contract/archive';
import { type TaskName, taskNames } from '@slipway/contract/tasks';
import { webhookEventTypes } from '@slipway/contract/webhooks';
import type { OpenQueues, Queues } from '../queues.ts';
import { deliveryId, deliveryQueueName } from '../webhooks/delivery-queue.ts';
import { outboxKey, startedKey } from '../webhooks/outbox.ts';
import { readForArchive } from './read-job.ts';

export interface OpenSnapshot {
  jobs: ArchivedJob[];
  webhooks: PendingWebhook[];
  /** Jobs that did not fit. */
  leftOut: number;
}

/** Most jobs, and most webhooks, of one snapshot. */
const most = '100000';

/** So many jobs are asked for in one round trip. */
const atOnce = 200;

/**
 * The jobs that wait or run, and whose webhooks have yet to be told of the end. Jobs that do not fit into `maxBytes` of
 * JSON are left out. Throws CodedError `queue_unavailable`.
 */
export async function readOpen(queues: Queues, maxBytes: number): Promise<OpenSnapshot> {
  const jobs: ArchivedJob[] = [];
  let bytes = 0;
  let leftOut = 0;
  for (const task of taskNames) {
    const ids = await queues.use((open) => idsOf(open, task));
    for (let from = 0; from < ids.length; from += atOnce) {
      const some = ids.slice(from, from + atOnce);
      // their lengths first: what does not fit is not to be held in memory
      const lengths = await queues.use(({ redis, key }) =>
        Promise.all(some.map(({ id }) => redis.hstrlen(key(task, id), 'data'))),
      );
      const fitting = some.filter((_, i) => {
        const fits = bytes + (lengths[i] ?? 0) <= maxBytes;
        bytes += fits ? (lengths[i] ?? 0) : 0;
        return fits;
      });
      leftOut += some.length - fitting.length;
      const read = await queues.use((open) =>
        Promise.all(fitting.map(({ id, isActive }) => readForArchive(open, task, id, !isActive))),
      );
      jobs.push(...read.filter((job) => job !== undefined).filter(({ finishedAt }) => finishedAt === null)); // not ended meanwhile
    }
  }
  return { jobs, webhooks: await queues.use(readWebhooks), leftOut };
}

/** In one step, so that a job that moves between two of them is not missed. */
async function idsOf({ redis, key }: OpenQueues, task: TaskName): Promise<{ id: string; isActive: boolean }[]> {
  const transaction = redis.multi().lrange(key(task, 'active'), 0, most).lrange(key(task, 'wait'), 0, most);
  transaction.zrange(key(task, 'prioritized'), 0, most).zrange(key(task, 'delayed'), 0, most);
  const replies = (await transaction.exec()) ?? [];
  return replies.flatMap(([error, ids], i) => {
    if (error) throw error;
    return (ids as string[]).map((id) => ({ id, isActive: i === 0 }));
  });
}

/** What stands in the outbox, and what is on its way or to be tried again. */
async function readWebhooks({ redis, prefix }: OpenQueues): Promise<PendingWebhook[]> {
  const key = (suffix: string) => `${prefix}:${deliveryQueueName}:${suffix}`;
  const [inOutbox, started, ...due] = await Promise.all([
    redis.zrange(outboxKey(prefix), 0, most),
    redis.smembers(startedKey(prefix)),
    redis.lrange(key('wait'), 0, most),
    redis.lrange(key('active'), 0, most),
    redis.zrange(key('prioritized'), 0, most),
    redis.zrange(key('delayed'), 0, most),
  ]);
  const deliveries = new Set(due.flat());
  const waits = new Set(inOutbox);
  const isStarted = new Set(started);
  const ended = new Set<string>();
  for (const delivery of deliveries) {
    const type = webhookEventTypes.find((name) => delivery.endsWith(deliveryId('', name)));
    if (type) ended.add(delivery.slice(0, -deliveryId('', type).length));
  }
  return [...new Set([...inOutbox, ...ended])].map((id) => ({
    type: 'webhook',
    id,
    // of one whose end is on its way already, the start was before it
    startIsTold: !deliveries.has(deliveryId(id, 'job.started')) && (isStarted.has(id) || !waits.has(id)),
  }));
}
