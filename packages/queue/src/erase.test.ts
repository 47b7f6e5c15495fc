import { randomUUID } from 'node:crypto';
import { afterEach, expect, inject, test } from 'vitest';
import { eraseJob } from './erase.ts';
import { getJob } from './inspect.ts';
import type { Queues } from './queues.ts';
import { ended, result, submit, testQueues, until } from './test-queues.ts';

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

test('one that waits is not erased', async () => {
  const queues = await open(randomUUID());
  await expect(eraseJob(queues, await submit(queues))).rejects.toMatchObject({ code: 'job_unfinished' });
});
