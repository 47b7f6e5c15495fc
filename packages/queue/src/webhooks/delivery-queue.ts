import type { WebhookEventType } from '@slipway/contract/webhooks';
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { defaultPrefix } from '../queues.ts';

export const deliveryQueueName = 'webhook-deliveries';

/** One event of one job on its way to its webhook. What is sent is read when it is sent. */
export interface DeliveryData {
  jobId: string;
  type: WebhookEventType;
  /** When it happened, ISO 8601. */
  timestamp: string;
}

/** Deliveries that are over and can still be looked at with BullMQ's tools. */
const kept = { age: 7 * 86_400, count: 1_000 };

/** More than any schedule has: the courier decides which try is the last. */
const mostAttempts = 1_000;

export interface DeliveryQueue {
  /** Resolves when the delivery is in the queue; twice is once. */
  put(delivery: DeliveryData): Promise<void>;
  close(): Promise<void>;
}

export function openDeliveryQueue(connection: Redis, prefix = defaultPrefix): DeliveryQueue {
  const queue = new Queue<DeliveryData>(deliveryQueueName, {
    connection,
    prefix,
    defaultJobOptions: {
      attempts: mostAttempts,
      backoff: { type: 'custom' },
      removeOnComplete: kept,
      removeOnFail: kept,
      stackTraceLimit: 0,
    },
  });
  queue.on('error', () => {}); // the connection's own listener reports it
  return {
    async put(delivery) {
      await queue.add(delivery.type, delivery, { jobId: deliveryId(delivery.jobId, delivery.type) });
    },
    close: () => queue.close(),
  };
}

/** The `webhook-id`, the same for each try. Without the full stop of the type: it is the separator of what is signed. */
export const deliveryId = (jobId: string, type: WebhookEventType) => `${jobId}-${type.slice('job.'.length)}`;
