import { webhookEventTypeSchema } from '@slipway/contract/webhooks';
import type { Log } from '@slipway/runtime/log';
import { DelayedError, type Job, UnrecoverableError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { defaultPrefix } from '../queues.ts';
import { lockDurationMs } from '../taker.ts';
import { type DeliveryData, deliveryQueueName } from './delivery-queue.ts';

/** A delivery whose turn has come. */
export interface Due extends DeliveryData {
  /** The same for each try. */
  id: string;
  /** 1 for the first try. */
  attempt: number;
}

/** What became of a try. */
export type Outcome =
  /** Nothing is left to do. */
  | { is: 'over' }
  /** It did not arrive, and is not tried again. */
  | { is: 'lost'; reason: string }
  /** It did not arrive, and is tried again after so many milliseconds. */
  | { is: 'failed'; reason: string; againMs: number }
  /** It was not tried at all. */
  | { is: 'put off'; ms: number };

export interface TakeDeliveriesOptions {
  /** Made by connectConsumer. */
  connection: Redis;
  prefix?: string;
  /** Most tries at the same time. */
  atOnce: number;
  deliver: (due: Due) => Promise<Outcome>;
  log: Log;
  /** How long a delivery stays with a courier that was killed. */
  lockMs?: number;
}

export interface DeliveryTaker {
  /** Takes no more; resolves when those under way are done. */
  close(): Promise<void>;
}

/** A delivery whose try threw was not told of by its receiver, so it is no try: it comes again after this, in milliseconds. */
const unexpectedPauseMs = 5_000;

/** Carries to BullMQ's backoff when the next try is. */
class NotDelivered extends Error {
  override name = 'NotDelivered';
  readonly againMs: number;

  constructor(reason: string, againMs: number) {
    super(reason);
    this.againMs = againMs;
  }
}

/** Takes due deliveries and hands each to `deliver`. One whose courier was killed is taken again: at least once. */
export function takeDeliveries({
  connection,
  prefix = defaultPrefix,
  atOnce,
  deliver,
  log,
  lockMs = lockDurationMs,
}: TakeDeliveriesOptions): DeliveryTaker {
  const worker = new Worker<DeliveryData>(deliveryQueueName, process, {
    connection,
    prefix,
    concurrency: atOnce,
    lockDuration: lockMs,
    stalledInterval: lockMs / 2,
    maxStalledCount: 1_000, // couriers that were killed must not use up the tries
    settings: { backoffStrategy: (_attempts, _type, error) => (error instanceof NotDelivered ? error.againMs : 0) },
  });
  worker.on('error', () => {}); // the connection's own listener reports it

  async function process(job: Job<DeliveryData>, token?: string): Promise<void> {
    const outcome = await attempt(job);
    if (outcome.is === 'lost') throw new UnrecoverableError(outcome.reason);
    if (outcome.is === 'failed') throw new NotDelivered(outcome.reason, outcome.againMs);
    if (outcome.is === 'put off') {
      await job.moveToDelayed(Date.now() + outcome.ms, token);
      throw new DelayedError();
    }
  }

  async function attempt({ id = '', data, attemptsMade }: Job<DeliveryData>): Promise<Outcome> {
    // it may have been put there by another version of the house
    if (!webhookEventTypeSchema.safeParse(data.type).success) return { is: 'lost', reason: 'of an unknown type' };
    try {
      return await deliver({ ...data, id, attempt: attemptsMade + 1 });
    } catch (err) {
      log.warn({ err, delivery: id, againMs: unexpectedPauseMs }, 'a delivery could not be tried now');
      return { is: 'put off', ms: unexpectedPauseMs };
    }
  }

  // without Redis nothing can be noted any more, and BullMQ would wait for it for ever
  return { close: () => worker.close(connection.status !== 'ready') };
}
