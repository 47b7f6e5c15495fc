import { randomUUID } from 'node:crypto';
import type { Delivery } from '@slipway/contract/webhooks';
import { afterEach, expect, inject, test } from 'vitest';
import { testQueues } from '../test-queues.ts';
import { deliveriesKey, listDeliveries, noteDelivery } from './delivery-log.ts';

const { open, close } = testQueues(inject('redisUrl'));
afterEach(close);

test('the log keeps the last tries for as long as the job', async () => {
  const prefix = randomUUID();
  const queues = await open(prefix);
  const attempt = (n: number): Delivery => ({
    id: 'x-failed',
    type: 'job.failed',
    attempt: n,
    at: new Date(n).toISOString(),
    status: 500,
    error: 'The receiver answered 500.',
    nextAt: null,
  });
  expect(await listDeliveries(queues, 'x')).toEqual([]);
  for (let n = 1; n <= 60; n += 1) await noteDelivery(queues, 'x', attempt(n));
  const all = await listDeliveries(queues, 'x');
  expect(all).toHaveLength(50);
  expect(all.at(-1)).toEqual(attempt(60));
  expect(await queues.use(({ redis }) => redis.ttl(deliveriesKey(prefix, 'x')))).toBeGreaterThan(50);
  await queues.use(({ redis }) => redis.rpush(deliveriesKey(prefix, 'x'), '{"of":"another version"}'));
  expect(await listDeliveries(queues, 'x')).toHaveLength(50);
});
