import { type Delivery, deliverySchema } from '@slipway/contract/webhooks';
import type { Queues } from '../queues.ts';

/** Each try of each delivery of one job, oldest first; it lives as long as the job after its last entry. */
export const deliveriesKey = (prefix: string, jobId: string) => `${prefix}:slipway:deliveries:${jobId}`;

/** Twice what the two deliveries of a job take when every try fails. */
const mostKept = 50;

/** Throws CodedError `queue_unavailable`. */
export async function noteDelivery(queues: Queues, jobId: string, delivery: Delivery): Promise<void> {
  await queues.use(async ({ redis, prefix, jobTtlSeconds }) => {
    const key = deliveriesKey(prefix, jobId);
    const transaction = redis.multi().rpush(key, JSON.stringify(delivery)).ltrim(key, -mostKept, -1);
    await transaction.expire(key, jobTtlSeconds).exec();
  });
}

/** Each try, oldest first. Throws CodedError `queue_unavailable`. */
export async function listDeliveries(queues: Queues, jobId: string): Promise<Delivery[]> {
  const entries = await queues.use(({ redis, prefix }) => redis.lrange(deliveriesKey(prefix, jobId), 0, -1));
  return entries.flatMap((json) => {
    // one that a newer version of the house wrote is passed over
    const { data: delivery } = deliverySchema.safeParse(JSON.parse(json));
    return delivery ? [delivery] : [];
  });
}
