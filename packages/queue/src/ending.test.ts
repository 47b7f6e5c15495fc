import { randomUUID } from 'node:crypto';
import { afterEach, expect, inject, test } from 'vitest';
import { cancelJob } from './cancel.ts';
import { endOverdue } from './deadlines.ts';
import { getJob } from './inspect.ts';
import { ended, result, submit, testQueues, until } from './test-queues.ts';
import { HandedBack, type Work } from './work.ts';

const { open, work, close } = testQueues(inject('redisUrl'));
afterEach(close);

/** A run that lasts until it is stopped. */
const untilStopped = ({ signal }: Work) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));

test('a waiting job is canceled at once, and the ones behind it move up', async () => {
  const prefix = randomUUID();
  const queues = await open(prefix);
  const first = await submit(queues);
  const second = await submit(queues);
  await cancelJob(queues, first);
  expect(await getJob(queues, first)).toMatchObject({
    state: 'canceled',
    error: { code: 'canceled' },
    attempts: 0,
    startedAt: null,
    finishedAt: expect.any(String),
  });
  expect(await getJob(queues, second)).toMatchObject({ state: 'queued', position: 1 });
  const runs: string[] = [];
  work(prefix, async ({ id }) => {
    runs.push(id);
    return result;
  });
  await until(queues, second, ended);
  expect(runs).toEqual([second]);
  await cancelJob(queues, second); // nothing happens to a job that has ended
  expect(await getJob(queues, second)).toMatchObject({ state: 'succeeded' });
  await expect(cancelJob(queues, 'summarize_aaaaaaaaaaaaaaaaaaaaaa')).rejects.toMatchObject({ code: 'job_not_found' });
  await expect(cancelJob(queues, 'x')).rejects.toMatchObject({ code: 'job_not_found' });
});

test('a running job is told to stop, and ends as canceled without another attempt', async () => {
  const prefix = randomUUID();
  const queues = await open(prefix);
  const started = Promise.withResolvers<void>();
  work(prefix, (job) => {
    started.resolve();
    return untilStopped(job);
  });
  const id = await submit(queues);
  await started.promise;
  await cancelJob(queues, id);
  expect(await until(queues, id, ended)).toMatchObject({ state: 'canceled', attempts: 1 });
});

test('a cancel that came while nobody listened is found when the job is taken again', async () => {
  const prefix = randomUUID();
  const queues = await open(prefix);
  const started = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<never>();
  const first = work(prefix, () => {
    started.resolve();
    return gate.promise;
  });
  const id = await submit(queues);
  await started.promise;
  await cancelJob(queues, id);
  first.pause();
  gate.reject(new HandedBack('stopping'));
  await first.close();
  const runs: string[] = [];
  work(prefix, async (job) => {
    runs.push(job.id);
    return result;
  });
  expect(await until(queues, id, ended)).toMatchObject({ state: 'canceled' });
  expect(runs).toEqual([]);
});

test('a deadline ends a job that waits, and one that runs, as expired', async () => {
  const prefix = randomUUID();
  const queues = await open(prefix);
  const late = await submit(queues, 'late', { deadline: Date.now() - 1 });
  const early = await submit(queues, 'early', { deadline: Date.now() + 600_000 });
  await endOverdue(queues);
  expect(await getJob(queues, late)).toMatchObject({ state: 'expired', error: { code: 'deadline_exceeded' } });
  expect(await getJob(queues, early)).toMatchObject({
    state: 'queued',
    deadline: expect.stringMatching(/^\d{4}-.*Z$/),
  });
  await cancelJob(queues, early);

  const running = await submit(queues, 'running', { deadline: Date.now() + 300 });
  const overdueWhenTaken = await submit(queues, 'waiting', { deadline: Date.now() + 1 });
  const runs: string[] = [];
  work(prefix, (job) => {
    runs.push(job.id);
    return untilStopped(job);
  });
  expect(await until(queues, running, ended)).toMatchObject({ state: 'expired', attempts: 1 });
  expect(await until(queues, overdueWhenTaken, ended)).toMatchObject({ state: 'expired' });
  expect(runs).toEqual([running]);
});

test('the time limit of a job is its own, up to that of its task', async () => {
  const prefix = randomUUID();
  const queues = await open(prefix);
  const limits: number[] = [];
  work(prefix, async ({ timeLimitMs }) => {
    limits.push(timeLimitMs);
    return result;
  });
  for (const terms of [{}, { timeLimitMs: 5_000 }, { timeLimitMs: 1e9 }])
    await until(queues, await submit(queues, 'x', terms), ended);
  expect(limits).toEqual([600_000, 5_000, 600_000]);
});
