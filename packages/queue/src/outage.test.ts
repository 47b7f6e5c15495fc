import { setTimeout as sleep } from 'node:timers/promises';
import { createLog, type Log } from '@slipway/runtime/log';
import { afterEach, expect, test } from 'vitest';
import { createRedis, type RedisServer } from '../../../tests/redis-server.ts';
import { connectConsumer } from './connection.ts';
import { consume } from './consume.ts';
import { getJob } from './inspect.ts';
import { openQueues, type Queues } from './queues.ts';
import { submitJob } from './submit.ts';

const log = createLog('test', 'silent');
const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

async function openWithRedis(): Promise<{ redis: RedisServer; queues: Queues }> {
  const redis = await createRedis();
  const queues = openQueues({ url: redis.url, log, jobTtlSeconds: 60 });
  cleanUp.push(
    () => redis.remove(),
    () => queues.close(),
  );
  return { redis, queues };
}

const submit = (queues: Queues) =>
  submitJob(queues, 'summarize', { text: 'Text.' }, { engine: 'auto', length: 'short', format: 'paragraph' });

async function submitWhenBack(queues: Queues): Promise<string> {
  for (;;) {
    const job = await submit(queues).catch(() => undefined);
    if (job) return job.id;
    await sleep(20);
  }
}

test('with Redis killed a submission fails at once, and works again by itself when Redis is back', async () => {
  const { redis, queues } = await openWithRedis();
  const before = await submitWhenBack(queues);
  await redis.kill();
  await expect(submit(queues)).rejects.toMatchObject({ code: 'queue_unavailable' });
  await expect(getJob(queues, before)).rejects.toMatchObject({ code: 'queue_unavailable' });
  await redis.start();
  await submitWhenBack(queues);
  expect(await getJob(queues, before)).toMatchObject({ id: before, state: 'queued' });
});

test('with Redis stopped but connected a submission fails within the command time-out', async () => {
  const { redis, queues } = await openWithRedis();
  await submitWhenBack(queues);
  redis.process.kill('SIGSTOP');
  // the test's own limit is the bound: without a command time-out this would hang for ever
  await expect(submit(queues)).rejects.toMatchObject({ code: 'queue_unavailable' });
  redis.process.kill('SIGCONT');
  await submitWhenBack(queues);
}, 5_000);

test('a Redis that refuses to give jobs does not end the worker: the job runs when it can be taken', async () => {
  const { redis, queues } = await openWithRedis();
  const connection = connectConsumer(redis.url, log);
  const id = await submitWhenBack(queues);
  const refused = Promise.withResolvers<void>();
  const listening = { ...log, warn: () => refused.resolve(), debug: () => {}, error: () => {} } as unknown as Log;
  await connection.config('SET', 'maxmemory', '1'); // full: every write is refused
  const run = async () => ({
    output: { summary: 'x' },
    engine: 'extractive' as const,
    engineReason: 'test',
    model: null,
    inputTokens: null,
    outputTokens: null,
  });
  const consumer = consume({
    connection,
    tasks: ['summarize'],
    accepts: (_task, running) => running.size === 0,
    run,
    log: listening,
  });
  cleanUp.push(async () => {
    await consumer.close();
    connection.disconnect();
  });
  await refused.promise;
  await connection.config('SET', 'maxmemory', '0');
  await expect.poll(async () => (await getJob(queues, id)).state, { timeout: 10_000 }).toBe('succeeded');
});

test('with Redis away at the start everything heals when it comes', async () => {
  const redis = await createRedis();
  cleanUp.push(() => redis.remove());
  await redis.kill();
  const queues = openQueues({ url: redis.url, log, jobTtlSeconds: 60 });
  cleanUp.push(() => queues.close());
  await expect(submit(queues)).rejects.toMatchObject({ code: 'queue_unavailable' });
  await redis.start();
  await submitWhenBack(queues);
});
