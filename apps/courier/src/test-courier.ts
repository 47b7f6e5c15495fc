import { setTimeout as sleep } from 'node:timers/promises';
import type { Delivery, Webhook } from '@slipway/contract/webhooks';
import { connectConsumer } from '@slipway/queue/connection';
import type { Queues } from '@slipway/queue/queues';
import { submit } from '@slipway/queue/test-queues';
import { listDeliveries } from '@slipway/queue/webhooks/delivery-log';
import { createLog } from '@slipway/runtime/log';
import { type CourierOptions, openCourier } from './courier.ts';

export const log = createLog('test', 'silent');

/** A courier for tests, which may send to loopback and tries again at once, twice. */
export function startCourier(url: string, prefix: string, queues: Queues, options: Partial<CourierOptions> = {}) {
  const connection = connectConsumer(url, log);
  const courier = openCourier({
    connection,
    queues,
    prefix,
    secrets: undefined,
    allowedHosts: ['127.0.0.1'],
    delaysMs: [1, 1],
    log,
    ...options,
  });
  return {
    connection,
    async close() {
      await courier.close();
      connection.disconnect();
    },
  };
}

/** Resolves to the id. */
export const submitWithWebhook = (queues: Queues, webhook: Webhook, owner?: string) =>
  submit(queues, 'Some text.', { webhook, ...(owner && { owner }) });

/** The log of a job's deliveries, once it holds what is to hold. */
export async function logged(queues: Queues, jobId: string, holds: (all: Delivery[]) => boolean): Promise<Delivery[]> {
  for (;;) {
    const all = await listDeliveries(queues, jobId);
    if (holds(all)) return all;
    await sleep(10);
  }
}

export const over = (all: Delivery[]) => all.length > 0 && all.at(-1)?.nextAt === null;
