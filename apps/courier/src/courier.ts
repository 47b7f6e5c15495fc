import type { Queues } from '@slipway/queue/queues';
import { openAnnouncer } from '@slipway/queue/webhooks/announce';
import { openDeliveryQueue } from '@slipway/queue/webhooks/delivery-queue';
import { serviceSecrets } from '@slipway/queue/webhooks/secrets';
import { type TakeDeliveriesOptions, takeDeliveries } from '@slipway/queue/webhooks/take-deliveries';
import { type DeliverDeps, deliver } from './deliver.ts';
import { createPlaces } from './places.ts';

export interface CourierOptions
  extends Pick<TakeDeliveriesOptions, 'connection' | 'log' | 'lockMs' | 'prefix'>,
    Pick<DeliverDeps, 'allowedHosts' | 'delaysMs' | 'resolve' | 'totalMs'> {
  queues: Queues;
  /** Undefined: the one that the house makes for itself. */
  secrets: string[] | undefined;
}

/** Most requests at the same time, and most of them to one host and port. */
const atOnce = 16;
const perHost = 2;

/** What leaves the house when a job starts or ends. */
export interface Courier {
  /** Takes no more; resolves when the requests under way are over. */
  close(): Promise<void>;
}

export function openCourier(options: CourierOptions): Courier {
  const { connection, queues, log, prefix, lockMs, secrets } = options;
  const places = createPlaces(perHost);
  const deps: DeliverDeps = { ...options, places, secrets: () => serviceSecrets(queues, secrets) };
  const deliveries = openDeliveryQueue(connection, prefix);
  const announcer = openAnnouncer({ connection, queues, deliveries, log, ...(prefix && { prefix }) });
  const taker = takeDeliveries({
    connection,
    atOnce,
    deliver: (due) => deliver(due, deps),
    log,
    ...(prefix && { prefix }),
    ...(lockMs && { lockMs }),
  });
  return {
    async close() {
      await Promise.all([announcer.close(), taker.close()]);
      await deliveries.close();
    },
  };
}
