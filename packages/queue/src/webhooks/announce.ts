import { setTimeout as sleep } from 'node:timers/promises';
import { taskOfJobId } from '@slipway/contract/jobs';
import { CodedError } from '@slipway/contract/problems';
import type { Webhook, WebhookEventType } from '@slipway/contract/webhooks';
import type { Log } from '@slipway/runtime/log';
import type { Redis } from 'ioredis';
import { newsChannel, readEvents } from '../events.ts';
import { getJob, parseTerms, termsField } from '../inspect.ts';
import { defaultPrefix, type Queues } from '../queues.ts';
import type { DeliveryQueue } from './delivery-queue.ts';
import { outboxKey, startedKey } from './outbox.ts';

export interface AnnouncerOptions {
  /** Made by connectConsumer; it is duplicated. */
  connection: Redis;
  queues: Queues;
  deliveries: DeliveryQueue;
  log: Log;
  prefix?: string;
  /** How often every job in the outbox is looked at, in milliseconds. */
  sweepEveryMs?: number;
}

export interface Announcer {
  close(): Promise<void>;
}

/** What follows a look this closely is looked at together, in milliseconds: a job that writes has news all the time. */
const gatherMs = 20;
/** How soon after a failure everything is looked at again, in milliseconds. */
const againMs = 1_000;
const pageSize = 200;

/**
 * Makes a delivery of each event that a job's webhook asks for. News wake it, and may be lost; a job stands in the outbox
 * until the delivery of its end is in the queue, so the sweep finds whatever ended meanwhile, however long nobody listened.
 * Several may do it at once: a delivery's id is that of its job and event, so twice is once.
 */
export function openAnnouncer({
  connection,
  queues,
  deliveries,
  log,
  prefix = defaultPrefix,
  sweepEveryMs = 10_000,
}: AnnouncerOptions): Announcer {
  const outbox = outboxKey(prefix);
  const started = startedKey(prefix);
  const closing = new AbortController();
  const heard = new Set<string>();
  let sweepAt = 0;
  let wake = () => {};

  const channel = newsChannel(prefix, '');
  const subscriber = connection.duplicate();
  subscriber.on('error', () => {}); // the connection's own listener reports outages
  subscriber.on('pmessage', (_pattern, name: string) => {
    heard.add(name.slice(channel.length));
    wake();
  });
  // what was told before the subscription holds is found by a sweep; ioredis subscribes anew after a reconnect
  const sweepNow = () => {
    sweepAt = 0;
    wake();
  };
  subscriber.psubscribe(`${channel}*`).then(sweepNow, () => {});
  subscriber.on('ready', sweepNow);

  async function loop(): Promise<void> {
    while (!closing.signal.aborted) {
      const ids = [...heard];
      heard.clear();
      try {
        if (performance.now() >= sweepAt) {
          sweepAt = performance.now() + sweepEveryMs;
          await sweep();
        } else await look(await inOutbox(ids));
      } catch (err) {
        // an outage is reported by the connection
        const isOutage = err instanceof CodedError && err.code === 'queue_unavailable';
        if (!isOutage) log.warn({ err, againMs }, 'webhooks could not be looked at now');
        sweepAt = performance.now() + againMs;
        heard.clear(); // the sweep sees them all
        await pause(againMs);
      }
      await pause(gatherMs);
      if (heard.size === 0) await news(sweepAt - performance.now());
    }
  }

  const pause = (ms: number) => sleep(ms, undefined, { signal: closing.signal }).catch(() => {});

  function news(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.max(0, ms));
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
      if (closing.signal.aborted) wake();
    });
  }

  async function sweep(): Promise<void> {
    let cursor = '0';
    do {
      const at = cursor;
      const [next, pairs] = await queues.use(({ redis }) => redis.zscan(outbox, at, 'COUNT', pageSize));
      await look(pairs.filter((_, i) => i % 2 === 0)); // ids and scores in turn
      cursor = next;
    } while (cursor !== '0' && !closing.signal.aborted);
  }

  async function inOutbox(ids: string[]): Promise<string[]> {
    if (ids.length === 0) return [];
    const scores = await queues.use(({ redis }) => redis.zmscore(outbox, ...ids));
    return ids.filter((_, i) => scores[i] != null);
  }

  async function look(ids: string[]): Promise<void> {
    if (ids.length === 0) return;
    const replies = await queues.use(({ redis, key }) => {
      const pipeline = redis.pipeline();
      for (const id of ids)
        pipeline
          .hmget(key(taskOfJobId(id) ?? 'summarize', id), termsField, 'processedOn', 'finishedOn')
          .sismember(started, id);
      return pipeline.exec();
    });
    for (const [i, id] of ids.entries()) {
      const [error, fields] = replies?.[2 * i] ?? [];
      if (error) throw error;
      const [terms, processedOn, finishedOn] = fields as (string | null)[];
      const { webhook } = parseTerms(terms);
      const isTold = replies?.[2 * i + 1]?.[1] === 1;
      if (!webhook)
        await leave(id); // the job was removed
      else if (finishedOn != null) await tellEnd(id, webhook, isTold);
      else if (processedOn != null && !isTold && asksFor(webhook, 'job.started')) await tellStart(id);
    }
  }

  async function tellStart(id: string): Promise<void> {
    // a job that was taken may have been put back at once, its model not being there yet; this is written when it runs
    const events = await readEvents(queues, id, '0');
    const running = events.find(({ event }) => event.type === 'state' && event.state === 'running');
    if (!running) return;
    const at = new Date(Number.parseInt(running.id, 10)); // the id of an entry begins with its milliseconds
    await deliveries.put({ jobId: id, type: 'job.started', timestamp: at.toISOString() });
    await queues.use(({ redis }) => redis.sadd(started, id));
  }

  async function tellEnd(id: string, webhook: Webhook, startIsTold: boolean): Promise<void> {
    const job = await getJob(queues, id).catch((error: unknown) => {
      if (error instanceof CodedError && error.code === 'job_not_found') return undefined;
      throw error;
    });
    if (job?.finishedAt) {
      if (job.startedAt && job.attempts > 0 && !startIsTold && asksFor(webhook, 'job.started'))
        await deliveries.put({ jobId: id, type: 'job.started', timestamp: job.startedAt });
      const type = `job.${job.state}` as WebhookEventType; // an ended job's states are the types of its end
      if (asksFor(webhook, type)) await deliveries.put({ jobId: id, type, timestamp: job.finishedAt });
    }
    await leave(id);
  }

  async function leave(id: string): Promise<void> {
    await queues.use(({ redis }) => redis.multi().zrem(outbox, id).srem(started, id).exec());
  }

  const looping = loop();
  return {
    async close() {
      closing.abort();
      wake();
      await looping;
      subscriber.disconnect();
    },
  };
}

/** All but the start where the caller said nothing. */
function asksFor({ events }: Webhook, type: WebhookEventType): boolean {
  return events ? events.includes(type) : type !== 'job.started';
}
