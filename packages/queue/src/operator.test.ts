import { randomUUID } from 'node:crypto';
import type { TaskName } from '@slipway/contract/tasks';
import { afterEach, expect, inject, test } from 'vitest';
import { countJobs, type TaskCounts } from './counts.ts';
import { endOperators, operatorSecret, operatorTimes } from './operator.ts';
import type { Queues } from './queues.ts';
import { ended, result, submit, testQueues, until } from './test-queues.ts';

const { open, work, close } = testQueues(inject('redisUrl'));
afterEach(close);

test('the secret of sessions is made once, for everybody, and stays', async () => {
  const prefix = randomUUID();
  const queues = await open(prefix);
  const all = await Promise.all(Array.from({ length: 5 }, () => operatorSecret(queues)));
  expect(new Set(all).size).toBe(1);
  expect(all[0]).toHaveLength(44);
  expect(await operatorSecret(await open(prefix))).toBe(all[0]);
  expect(await operatorSecret(await open(randomUUID()))).not.toBe(all[0]);
});

test('each end of all sessions is later than the one before, and than what began just after that', async () => {
  const queues = await open(randomUUID());
  const { now, ended } = await operatorTimes(queues);
  expect(ended).toBe(0);
  const ends = await Promise.all([endOperators(queues), endOperators(queues), endOperators(queues)]);
  expect(ends[0]).toBeGreaterThanOrEqual(now);
  expect(new Set(ends).size).toBe(3);
  expect(ends).toEqual(ends.toSorted((a, b) => a - b));
  expect((await operatorTimes(queues)).ended).toBe(ends[2]);
});

/** Those of one task. */
async function counts(queues: Queues, of: TaskName) {
  const { tasks } = await countJobs(queues);
  const { task: _task, ...counted } = tasks.find(({ task }) => task === of) as TaskCounts;
  return counted;
}

test('jobs are counted by what has become of them', async () => {
  const prefix = randomUUID();
  const queues = await open(prefix);
  const none = { queued: 0, running: 0, succeeded: 0, unsuccessful: 0 };
  expect(await counts(queues, 'summarize')).toEqual(none);
  const first = await submit(queues);
  await submit(queues);
  expect(await counts(queues, 'summarize')).toEqual({ ...none, queued: 2 });
  expect(await counts(queues, 'chat')).toEqual(none);

  const { promise: finish, resolve } = Promise.withResolvers<void>();
  work(prefix, () => finish.then(() => result));
  await until(queues, first, ({ state }) => state === 'running');
  expect(await counts(queues, 'summarize')).toEqual({ ...none, queued: 1, running: 1 });
  resolve();
  await until(queues, first, ended);
  await expect.poll(async () => (await counts(queues, 'summarize')).succeeded).toBe(2);
});
