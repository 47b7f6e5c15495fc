import { randomUUID } from 'node:crypto';
import { afterEach, expect, inject, test } from 'vitest';
import { readErased } from './archive/erased.ts';
import { readFinished } from './archive/finished.ts';
import { cancelJob } from './cancel.ts';
import { eraseJob, erasingKey, finishErasing } from './erase.ts';
import { getJob } from './inspect.ts';
import type { Queues } from './queues.ts';
import { ended, result, submit, testQueues, until } from './test-queues.ts';
import { listDeliveries, noteDelivery } from './webhooks/delivery-log.ts';
import { openDeliveryQueue } from './webhooks/delivery-queue.ts';
import { outboxKey } from './webhooks/outbox.ts';
import { webhookOf } from './webhooks/webhook-of.ts';

const { open, work, close } = testQueues(inject('redisUrl'));
afterEach(close);

/** All that Redis holds under the prefix, as text. */
function everything(queues: Queues, prefix: string): Promise<string> {
  return queues.use(async ({ redis }) => {
    const keys = await redis.keys(`${prefix}:*`);
    const read: Record<string, (key: string) => Promise<unknown>> = {
      hash: (key) => redis.hgetall(key),
      stream: (key) => redis.xrange(key, '-', '+'),
      zset: (key) => redis.zrange(key, 0, '-1'),
      list: (key) => redis.lrange(key, 0, -1),
      string: (key) => redis.get(key),
    };
    const values = await Promise.all(keys.map(async (key) => read[await redis.type(key)]?.(key)));
    return JSON.stringify(values);
  });
}

test('of a job that was erased nothing is left that it was given or gave', async () => {
  const prefix = randomUUID();
  const queues = await open(prefix);
  work(prefix, async ({ output }) => {
    output('Gold');
    return { ...result, output: { summary: 'Golden words.' } };
  });
  const id = await submit(queues, 'A treasure is buried here.', { tags: ['isle'] });
  await until(queues, id, ended);
  expect(await everything(queues, prefix)).toMatch(/Golden.*treasure|treasure.*Golden/s);
  // the worker's clock is not that of Redis
  await queues.use(({ redis, key }) => redis.hincrby(key('summarize', id), 'finishedOn', -6_000));

  await eraseJob(queues, id);
  const { erasedAt } = await getJob(queues, id);
  await eraseJob(queues, id);
  expect(await everything(queues, prefix)).not.toMatch(/Gold|treasure/);
  expect(await getJob(queues, id)).toMatchObject({ state: 'succeeded', tags: ['isle'], erasedAt });
});

const webhook = { url: 'https://parrot.example/?key=doubloon', secret: `whsec_${Buffer.alloc(24).toString('base64')}` };
/** A look when whatever was put off is due. */
const finishLater = (queues: Queues) => finishErasing(queues, Date.now() + 60_000);
const unfinished = (queues: Queues) => queues.use(({ redis, prefix }) => redis.zrange(erasingKey(prefix), 0, '-1'));

test('the webhook of an erased job goes when it has been told, and not before', async () => {
  const prefix = randomUUID();
  const queues = await open(prefix);
  const id = await submit(queues, 'A treasure.', { webhook, tags: ['isle'] });
  await cancelJob(queues, id);
  await eraseJob(queues, id);
  expect(await webhookOf(queues, id)).toMatchObject({ webhook });
  expect(JSON.stringify((await readFinished(queues, 1e6)).jobs)).not.toMatch(/parrot|whsec/);

  // as the courier does: the delivery is in the queue, and the job has left the outbox
  const at = new Date(0).toISOString();
  await queues.use(async ({ redis }) => {
    const deliveries = openDeliveryQueue(redis, prefix);
    await deliveries.put({ jobId: id, type: 'job.canceled', timestamp: at });
    await deliveries.close();
    await redis.zrem(outboxKey(prefix), id);
  });
  await finishLater(queues);
  expect(await webhookOf(queues, id)).toMatchObject({ webhook });

  const told = { id: 'x', type: 'job.canceled', attempt: 1, at, status: 200, error: null, nextAt: null } as const;
  await noteDelivery(queues, id, told);
  const delivery = `${prefix}:webhook-deliveries:${id}-canceled`;
  await queues.use(({ redis }) => redis.hset(delivery, 'finishedOn', Date.now()));
  await finishLater(queues);
  expect(await webhookOf(queues, id)).toBeUndefined();
  expect(await listDeliveries(queues, id)).toEqual([]);
  expect(await everything(queues, prefix)).not.toMatch(/parrot|doubloon|whsec/);
  expect(await getJob(queues, id)).toMatchObject({ state: 'canceled', tags: ['isle'] });
  expect(await unfinished(queues)).toEqual([]);
});

test('a job that has not ended is erased when it has', async () => {
  const prefix = randomUUID();
  const queues = await open(prefix);
  const [started, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  work(prefix, async () => {
    started.resolve();
    await gate.promise;
    return { ...result, output: { summary: 'Golden words.' } };
  });
  const id = await submit(queues, 'A treasure is buried here.');
  await started.promise;
  await eraseJob(queues, id);
  await finishLater(queues);
  expect(await getJob(queues, id)).toMatchObject({ state: 'running', erasedAt: null });
  // a container that begins now must not run it anew
  expect(await readErased(queues, 9)).toMatchObject([{ id, files: [] }]);
  gate.resolve();
  await until(queues, id, ended);
  await finishLater(queues);
  expect(await getJob(queues, id)).toMatchObject({ state: 'succeeded', erasedAt: expect.any(String) });
  expect(await everything(queues, prefix)).not.toMatch(/Gold|treasure/);
  expect(await unfinished(queues)).toEqual([]);
});

test('one that is gone before it could be erased is not looked for any more', async () => {
  const queues = await open(randomUUID());
  const id = await submit(queues);
  await eraseJob(queues, id);
  await queues.use(({ redis, key }) => redis.del(key('summarize', id)));
  await finishErasing(queues);
  expect(await unfinished(queues)).toEqual([]);
});

test('one of a task that this version does not have waits for a version that does, as long as the job is there', async () => {
  const prefix = randomUUID();
  const queues = await open(prefix);
  const id = `translate_${'a'.repeat(22)}`;
  await queues.use(({ redis }) => redis.zadd(erasingKey(prefix), 0, id));
  await queues.use(({ redis }) => redis.hset(`${prefix}:translate:${id}`, 'data', '{}'));
  await finishErasing(queues);
  expect(await unfinished(queues)).toEqual([id]);
  await queues.use(({ redis }) => redis.del(`${prefix}:translate:${id}`));
  await finishLater(queues);
  expect(await unfinished(queues)).toEqual([]);
});
