import { randomUUID } from 'node:crypto';
import { Queue } from 'bullmq';
import { afterEach, expect, inject, test } from 'vitest';
import { cancelJob } from './cancel.ts';
import { allJobsKey, ownJobsKey } from './index-of-jobs.ts';
import { getSubmitted } from './payload.ts';
import { sweep } from './sweep.ts';
import { submit, testQueues } from './test-queues.ts';

const { open, close } = testQueues(inject('redisUrl'));
afterEach(close);

const roomy = { owners: ['ann'], maxBytes: Number.MAX_SAFE_INTEGER };

test('jobs past their time go, from the indexes too; those that wait stay', async () => {
  const prefix = randomUUID();
  const queues = await open(prefix);
  const waiting = await submit(queues, 'Waits.', { owner: 'ann' });
  const over = await submit(queues, 'Is over.', { owner: 'ann' });
  await cancelJob(queues, over);
  const ids = () =>
    queues.use(({ redis }) =>
      Promise.all([redis.zrange(allJobsKey(prefix), 0, '-1'), redis.zrange(ownJobsKey(prefix, 'ann'), 0, '-1')]),
    );
  await sweep(queues, roomy);
  expect(await ids()).toEqual([
    [waiting, over],
    [waiting, over],
  ]);

  // an hour ago: its time to be read is a minute in these tests
  await queues.use(({ redis, key }) => redis.zadd(key('summarize', 'failed'), Date.now() - 3_600_000, over));
  await sweep(queues, roomy);
  expect(await ids()).toEqual([[waiting], [waiting]]);
  expect(await queues.use(({ redis, key }) => redis.exists(key('summarize', over)))).toBe(0);
});

test('jobs of a task that this version does not have are told of, and go in their time', async () => {
  const prefix = randomUUID();
  const queues = await open(prefix);
  const known = await submit(queues, 'Known.');
  const idOf = (letter: string) => `translate_${letter.repeat(22)}`;
  const [fresh, old] = [idOf('a'), idOf('b')];
  await queues.use(async ({ redis }) => {
    const queue = new Queue('translate', { connection: redis, prefix });
    for (const [id, timestamp] of [
      [fresh, Date.now()],
      [old, Date.now() - 8 * 86_400_000],
    ] as const) {
      await queue.add('translate', {}, { jobId: id, timestamp, priority: 1 });
      await redis.zadd(allJobsKey(prefix), timestamp, id);
    }
    await queue.close();
  });
  // taken by a worker that is no more
  const taken = idOf('c');
  await queues.use(async ({ redis }) => {
    const fields = { name: 'translate', data: '{}', timestamp: Date.now() - 8 * 86_400_000 };
    await redis.hset(`${prefix}:translate:${taken}`, fields);
    await redis.lpush(`${prefix}:translate:active`, taken);
    await redis.zadd(allJobsKey(prefix), 1, taken);
  });
  const left = () => queues.use(({ redis }) => redis.zrange(allJobsKey(prefix), 0, '-1'));
  expect(await sweep(queues, roomy)).toEqual(['translate']);
  await sweep(queues, roomy); // the index follows
  expect((await left()).toSorted()).toEqual([known, fresh].toSorted());
  expect(await queues.use(({ redis }) => redis.exists(`${prefix}:translate:${old}`))).toBe(0);
});

test('where memory is tight the inputs of ended jobs go, and no other', async () => {
  const queues = await open(randomUUID());
  const text = 'Some text of a length that is worth it. '.repeat(30);
  const [waiting, ended] = [await submit(queues, text), await submit(queues, text)];
  await cancelJob(queues, ended);
  await sweep(queues, roomy);
  expect((await getSubmitted(queues, ended)).input).toEqual({ text });
  await sweep(queues, { ...roomy, maxBytes: 1 });
  expect((await getSubmitted(queues, ended)).input).toBeNull();
  expect((await getSubmitted(queues, waiting)).input).toEqual({ text });
});

test('of many jobs each sweep looks at some, and the next one goes on from there', async () => {
  const prefix = randomUUID();
  const queues = await open(prefix);
  await queues.use(async ({ redis, key }) => {
    const pipeline = redis.pipeline();
    for (let i = 0; i < 20_100; i += 1) {
      const id = `summarize_${String(i).padStart(22, '0')}`;
      pipeline.hset(key('summarize', id), 'finishedOn', 1).zadd(allJobsKey(prefix), i, id);
    }
    await pipeline.exec();
  });
  const last = await submit(queues, 'Some text of a length that is worth it. '.repeat(30));
  await cancelJob(queues, last);
  await sweep(queues, { ...roomy, maxBytes: 1 });
  expect((await getSubmitted(queues, last)).input).not.toBeNull();
  await sweep(queues, { ...roomy, maxBytes: 1 });
  expect((await getSubmitted(queues, last)).input).toBeNull();
});

test('the input of a job that ends is kept for a retry where it is small', async () => {
  const queues = await open(randomUUID());
  const [small, large] = [await submit(queues, 'Small.'), await submit(queues, 'Large. '.repeat(5_000))];
  for (const id of [small, large]) await cancelJob(queues, id);
  expect((await getSubmitted(queues, small)).input).toEqual({ text: 'Small.' });
  expect((await getSubmitted(queues, large)).input).toBeNull();
});
