import { randomUUID } from 'node:crypto';
import { afterEach, expect, inject, test, vi } from 'vitest';
import { inSharedTransaction } from './shared-transaction.ts';
import { submit, testQueues } from './test-queues.ts';

const { open, close } = testQueues(inject('redisUrl'));
afterEach(close);

test('what is asked for at once shares one transaction, and each gets its own replies', async () => {
  const key = randomUUID();
  const queues = await open(key);
  await queues.use(async ({ redis }) => {
    const multi = vi.spyOn(redis, 'multi');
    const replies = await Promise.all([
      inSharedTransaction(redis, (all) => void all.set(key, 'a').get(key)),
      inSharedTransaction(redis, (all) => void all.get(key)),
    ]);
    expect(replies).toEqual([['OK', 'a'], ['a']]);
    expect(multi).toHaveBeenCalledTimes(1);
    await redis.del(key);
  });
});

test('a command that fails fails its own part alone', async () => {
  const key = randomUUID();
  const queues = await open(key);
  await queues.use(async ({ redis }) => {
    const [first, second, third] = await Promise.allSettled([
      inSharedTransaction(redis, (all) => void all.set(key, 'a')),
      inSharedTransaction(redis, (all) => void all.lpush(key, 'b').get(key)),
      inSharedTransaction(redis, (all) => void all.get(key)),
    ]);
    expect(first).toMatchObject({ status: 'fulfilled', value: ['OK'] });
    expect(second).toMatchObject({ status: 'rejected', reason: { message: expect.stringContaining('WRONGTYPE') } });
    expect(third).toMatchObject({ status: 'fulfilled', value: ['a'] });
    await redis.del(key);
  });
});

test('jobs submitted at once stand in line as they came', async () => {
  const queues = await open(randomUUID());
  const ids = await Promise.all(['One.', 'Two.', 'Three.', 'Four.'].map((text) => submit(queues, text)));
  const line = await queues.use(({ redis, key }) => redis.zrange(key('summarize', 'prioritized'), 0, '-1'));
  expect(line).toEqual(ids);
});
