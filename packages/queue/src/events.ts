import { type JobEvent, jobEventSchema } from '@slipway/contract/events';
import type { Redis } from 'ioredis';
import type { Queues } from './queues.ts';

/**
 * What a running job tells lies in a Redis stream of its own, from the start of its first run on; the ids of the stream
 * are what a reader resumes with. Whoever follows a job hears of news through Pub/Sub and reads them from the stream, so
 * a lost message delays news and never loses them.
 */
export const eventsKey = (prefix: string, id: string) => `${prefix}:slipway:events:${id}`;
export const newsChannel = (prefix: string, id: string) => `${prefix}:slipway:news:${id}`;

/** Most events of one job; the writer's pace keeps a job of the longest time limit well below (see event-writer.ts). */
const mostEvents = 4_000;
/** A stream lives this long after its last event, in seconds; the job itself keeps its output. */
const ttlSeconds = 3_600;

export interface StoredEvent {
  /** Id in the stream, `<milliseconds>-<number>`. */
  id: string;
  event: JobEvent;
}

/** Adds events in one round trip, and tells those who follow the job. */
export async function addEvents(redis: Redis, prefix: string, jobId: string, events: JobEvent[]): Promise<void> {
  const key = eventsKey(prefix, jobId);
  const transaction = redis.multi();
  for (const event of events) transaction.xadd(key, 'MAXLEN', '~', mostEvents, '*', 'event', JSON.stringify(event));
  transaction.expire(key, ttlSeconds).publish(newsChannel(prefix, jobId), '');
  await transaction.exec();
}

/** The events after the id `after` (exclusive; `0` for all), oldest first. Throws CodedError `queue_unavailable`. */
export function readEvents(queues: Queues, jobId: string, after: string): Promise<StoredEvent[]> {
  return queues.use(async ({ redis, prefix }) => {
    const entries = await redis.xrange(eventsKey(prefix, jobId), `(${after}`, '+');
    return entries.flatMap(([id, [, json = '']]) => {
      // one that a newer version of the house wrote is passed over
      const { data: event } = jobEventSchema.safeParse(JSON.parse(json));
      return event ? [{ id, event }] : [];
    });
  });
}

const idPattern = /^\d{1,15}-\d{1,10}$/;
/** True for what can be the id of an event in a stream. */
export const isEventId = (id: string) => idPattern.test(id);
