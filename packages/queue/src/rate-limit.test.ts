import { randomUUID } from 'node:crypto';
import { afterEach, expect, inject, test } from 'vitest';
import { createRedis } from '../../../tests/redis-server.ts';
import type { Queues } from './queues.ts';
import { openRateLimiter, openRateLimiters, RateLimited } from './rate-limit.ts';
import { testQueues } from './test-queues.ts';

const house = testQueues(inject('redisUrl'));
afterEach(() => house.close());

const limit = { requests: 3, seconds: 60 };

/** The key that the limiter keeps for a client, so that tests can look at its time and end it. */
const keyOf = (prefix: string, policy: string, client: string) => `${prefix}:slipway:limit:${policy}:${client}`;
const ttl = (queues: Queues, key: string) => queues.use(({ redis }) => redis.pttl(key));

test('two processes share the counts of a client, and clients do not share theirs', async () => {
  const prefix = randomUUID();
  const one = openRateLimiter(await house.open(prefix), limit, 'submissions');
  const other = openRateLimiter(await house.open(prefix), limit, 'submissions');
  const standing = { policy: 'submissions', limit: 3, windowSeconds: 60, resetSeconds: 60 };
  expect(await one.take('key:a', 1)).toEqual({ ...standing, remaining: 2 });
  expect(await other.take('key:a', 1)).toMatchObject({ remaining: 1 });
  expect(await one.take('key:a', 1)).toMatchObject({ remaining: 0 });
  await expect(other.take('key:a', 1)).rejects.toMatchObject({
    code: 'rate_limited',
    taken: { remaining: 0 },
    retryAfterSeconds: expect.closeTo(60, -1),
  });
  expect(await one.take('key:b', 1)).toMatchObject({ remaining: 2 });
});

test('of takes at the same time exactly as many pass as the limit allows', async () => {
  const prefix = randomUUID();
  const limiters = [await house.open(prefix), await house.open(prefix)].map((q) => openRateLimiter(q, limit, 'reads'));
  const takes = Array.from({ length: 20 }, (_, i) => limiters[i % 2]?.take('key:a', 1));
  const settled = await Promise.allSettled(takes);
  expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
});

test('what is refused takes nothing, so smaller ones still pass', async () => {
  const { take } = openRateLimiter(await house.open(randomUUID()), limit, 'submissions');
  await take('key:a', 1);
  const refused = take('key:a', 3);
  await expect(refused).rejects.toBeInstanceOf(RateLimited);
  await expect(refused).rejects.toMatchObject({ taken: { remaining: 2 } });
  expect(await take('key:a', 2)).toMatchObject({ remaining: 0 });
});

test('a cost above the whole limit is no matter of time, and takes nothing', async () => {
  const { take } = openRateLimiter(await house.open(randomUUID()), limit, 'submissions');
  await expect(take('key:a', 4)).rejects.toMatchObject({
    code: 'batch_too_large',
    message: 'This counts as 4 submissions, and at most 3 are taken in 60 s. Send it in parts.',
    retryAfterSeconds: undefined,
  });
  expect(await take('key:a', 3)).toMatchObject({ remaining: 0 });
});

test('a window begins with the first take, is not prolonged by later ones, and its end gives all back', async () => {
  const prefix = randomUUID();
  const queues = await house.open(prefix);
  const { take } = openRateLimiter(queues, limit, 'submissions');
  const key = keyOf(prefix, 'submissions', 'key:a');
  await take('key:a', 1);
  expect(await ttl(queues, key)).toBeGreaterThan(50_000);
  await queues.use(({ redis }) => redis.pexpire(key, 20_000)); // as if 40 s had gone by
  expect(await take('key:a', 2)).toMatchObject({ remaining: 0, resetSeconds: expect.closeTo(20, -1) });
  expect(await ttl(queues, key)).toBeLessThanOrEqual(20_000);
  await expect(take('key:a', 1)).rejects.toMatchObject({ retryAfterSeconds: expect.closeTo(20, -1) });
  await queues.use(({ redis }) => redis.pexpire(key, 0));
  expect(await take('key:a', 1)).toMatchObject({ remaining: 2, resetSeconds: 60 });
});

test('submissions and reads are counted apart, reads 20 times as many', async () => {
  const { submissions, reads } = openRateLimiters(await house.open(randomUUID()), limit);
  await submissions.take('key:a', 3);
  expect(await reads.take('key:a', 1)).toMatchObject({ policy: 'reads', limit: 60, remaining: 59, windowSeconds: 60 });
});

test('without a limit Redis is not asked', async () => {
  const queues = { use: () => expect.unreachable(), close: async () => {} };
  const { submissions, reads } = openRateLimiters(queues, null);
  expect(await submissions.take('key:a', 1_000_000)).toBeNull();
  expect(await reads.take('key:a', 1)).toBeNull();
});

test('with Redis away nothing passes; after its restart it counts again', async () => {
  const redis = await createRedis();
  const own = testQueues(redis.url);
  try {
    const queues = await own.open(randomUUID());
    const { take } = openRateLimiter(queues, limit, 'submissions');
    await take('key:a', 1);
    await redis.kill();
    await expect(take('key:a', 1)).rejects.toMatchObject({ code: 'queue_unavailable' });
    await redis.start(); // it has forgotten the script
    await expect.poll(() => take('key:a', 1).catch(() => null), { interval: 20 }).toMatchObject({ remaining: 1 });
  } finally {
    await own.close();
    await redis.remove();
  }
});

test('with a Redis that hangs nothing passes either', async () => {
  const redis = await createRedis();
  const own = testQueues(redis.url);
  try {
    const { take } = openRateLimiter(await own.open(randomUUID()), limit, 'submissions');
    await take('key:a', 1);
    redis.process.kill('SIGSTOP');
    await expect(take('key:a', 1)).rejects.toMatchObject({ code: 'queue_unavailable' });
  } finally {
    redis.process.kill('SIGCONT');
    await own.close();
    await redis.remove();
  }
});

test('a Redis that takes no writes does not stop reads: this process counts them meanwhile', async () => {
  const redis = await createRedis();
  const own = testQueues(redis.url);
  try {
    const queues = await own.open(randomUUID());
    const { take } = openRateLimiter(queues, limit, 'reads');
    await queues.use((open) => open.redis.config('SET', 'maxmemory', '1'));
    for (const remaining of [2, 1, 0]) expect(await take('key:a', 1)).toMatchObject({ remaining });
    await expect(take('key:a', 1)).rejects.toMatchObject({ code: 'rate_limited', taken: { remaining: 0 } });
  } finally {
    await own.close();
    await redis.remove();
  }
});
