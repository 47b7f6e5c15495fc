import { randomUUID } from 'node:crypto';
import type { Terms } from '@slipway/contract/records';
import { createLog } from '@slipway/runtime/log';
import { afterEach, expect, inject, test } from 'vitest';
import { cancelJob } from '../cancel.ts';
import { connectConsumer } from '../connection.ts';
import { ended, result, submit, testQueues, until } from '../test-queues.ts';
import { NotYet, waitingStage } from '../work.ts';
import { openAnnouncer } from './announce.ts';
import { type DeliveryData, openDeliveryQueue } from './delivery-queue.ts';
import { outboxKey, startedKey } from './outbox.ts';

const url = inject('redisUrl');
const log = createLog('test', 'silent');
const { open, work, close } = testQueues(url);
const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
  await close();
});

async function announced(options: { sweepEveryMs?: number; put?: (delivery: DeliveryData) => Promise<void> } = {}) {
  const prefix = randomUUID();
  const queues = await open(prefix);
  const told: DeliveryData[] = [];
  const put = options.put ?? (async () => {});
  const deliveries = {
    put: async (delivery: DeliveryData) => {
      await put(delivery);
      told.push(delivery);
    },
    close: async () => {},
  };
  const connection = connectConsumer(url, log);
  const announcer = openAnnouncer({ connection, queues, deliveries, log, prefix, ...options });
  cleanUp.push(async () => {
    await announcer.close();
    connection.disconnect();
  });
  const left = () => queues.use(({ redis }) => redis.zrangebyscore(outboxKey(prefix), '-inf', '+inf'));
  return { prefix, queues, told, left };
}

const hook = { url: 'https://hooks.example/' };
const asking = (...events: NonNullable<NonNullable<Terms['webhook']>['events']>): Terms => ({
  webhook: { ...hook, events },
});

test('a job without a webhook is not announced, one with a webhook at once', async () => {
  const { prefix, queues, told, left } = await announced({ sweepEveryMs: 600_000 });
  work(prefix, async () => result);
  await until(queues, await submit(queues), ended);
  const id = await submit(queues, 'Text.', { webhook: hook });
  const { finishedAt } = await until(queues, id, ended);
  await expect.poll(() => told).toEqual([{ jobId: id, type: 'job.succeeded', timestamp: finishedAt }]);
  await expect.poll(left).toEqual([]);
});

test('what no news told of is found by the sweep', async () => {
  const { prefix, queues, told } = await announced({ sweepEveryMs: 50 });
  const id = await submit(queues, 'Text.', { webhook: hook });
  await cancelJob(queues, id);
  await expect.poll(() => told).toHaveLength(1);
  // as if it had ended without a word
  await queues.use(({ redis }) => redis.zadd(outboxKey(prefix), 'NX', Date.now(), id));
  await expect.poll(() => told).toMatchObject([{ jobId: id }, { jobId: id, type: 'job.canceled' }]);
});

test('a job leaves the outbox only when its delivery is in the queue', async () => {
  let calls = 0;
  const put = async () => {
    calls += 1;
    if (calls === 1) throw new Error('the queue could not be written');
  };
  const { queues, told, left } = await announced({ put });
  const id = await submit(queues, 'Text.', { webhook: hook });
  await cancelJob(queues, id);
  await expect.poll(() => calls).toBe(1);
  expect(await left()).toEqual([id]);
  await expect.poll(() => told, { timeout: 10_000 }).toHaveLength(1);
  await expect.poll(left).toEqual([]);
});

test('a job that waits for its model has not started; one that runs has, once', async () => {
  const { prefix, queues, told, left } = await announced({ sweepEveryMs: 20 });
  let ready = false;
  let asked = 0;
  const gate = Promise.withResolvers<void>();
  work(prefix, async ({ started, report }) => {
    asked += 1;
    if (!ready) throw new NotYet(5, { ratio: 0, stage: waitingStage, message: 'Downloading.' });
    started();
    report({ ratio: 0.5, stage: 'running', message: 'Half.' });
    await gate.promise;
    return result;
  });
  const id = await submit(queues, 'Text.', asking('job.started'));
  await expect.poll(() => asked).toBeGreaterThan(5);
  expect(told).toEqual([]);
  ready = true;
  await expect.poll(() => told).toMatchObject([{ jobId: id, type: 'job.started' }]);
  const swept = asked;
  gate.resolve();
  await until(queues, id, ended);
  await expect.poll(left).toEqual([]); // its end was not asked for
  expect(told).toHaveLength(1);
  expect(swept).toBe(asked);
  expect(await queues.use(({ redis }) => redis.exists(startedKey(prefix)))).toBe(0);
});

test('a delivery that is put into the queue twice is there once', async () => {
  const prefix = randomUUID();
  const connection = connectConsumer(url, log);
  const deliveries = openDeliveryQueue(connection, prefix);
  cleanUp.push(async () => {
    await deliveries.close();
    connection.disconnect();
  });
  const delivery = { jobId: 'summarize_x', type: 'job.failed', timestamp: new Date(0).toISOString() } as const;
  await deliveries.put(delivery);
  await deliveries.put(delivery);
  expect(await connection.lrange(`${prefix}:webhook-deliveries:wait`, 0, -1)).toEqual(['summarize_x-failed']);
});
