import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { CodedError } from '@slipway/contract/problems';
import type { TaskName } from '@slipway/contract/tasks';
import { afterEach, expect, inject, test } from 'vitest';
import { readEvents } from './events.ts';
import { getJob } from './inspect.ts';
import { submitJob } from './submit.ts';
import { ended, result, submit, testQueues, until } from './test-queues.ts';
import { HandedBack, NotYet } from './work.ts';

const { open, work, close } = testQueues(inject('redisUrl'));
afterEach(close);

test('a job waits with its position, runs with progress, and ends with its result', async () => {
  const prefix = randomUUID();
  const queues = await open(prefix);
  const first = await submit(queues);
  const second = await submit(queues);
  expect(await getJob(queues, first)).toMatchObject({ state: 'queued', position: 1, attempts: 0, startedAt: null });
  expect(await getJob(queues, second)).toMatchObject({ state: 'queued', position: 2 });

  const gate = Promise.withResolvers<void>();
  work(prefix, async ({ report, input }) => {
    expect(input).toEqual({ text: 'Some text.' });
    report({ ratio: 0.5, stage: 'ranking', message: 'Half way.' });
    await gate.promise;
    return result;
  });
  const running = await until(queues, first, (job) => job.progress !== null);
  expect(running).toMatchObject({ state: 'running', attempts: 1, progress: { ratio: 0.5, stage: 'ranking' } });
  expect(running.position).toBeUndefined();
  expect(await getJob(queues, second)).toMatchObject({ position: 1 });

  gate.resolve();
  const done = await until(queues, first, ended);
  expect(done.progress).toBeNull();
  expect(done).toMatchObject({ state: 'succeeded', output: result.output, engine: 'extractive', attempts: 1 });
  expect(done.metrics.queuedMs).toBeGreaterThanOrEqual(0);
  expect(done.metrics.runMs).toBeGreaterThanOrEqual(0);
  await until(queues, second, ended);
  const inputOf = (id: string) => queues.use(async ({ queue }) => (await queue('summarize').getJob(id))?.data.input);
  expect(await inputOf(second)).toEqual({ text: 'Some text.' });
});

test('a fault of the job is final, a fault of its process is tried again', async () => {
  const prefix = randomUUID();
  const queues = await open(prefix);
  const runs = new Map<string, number>();
  work(prefix, async ({ id, input }) => {
    runs.set(id, (runs.get(id) ?? 0) + 1);
    if ('text' in input && input.text === 'final') throw new CodedError('model_unavailable', 'No such model: x.');
    if (runs.get(id) === 1) throw new CodedError('child_crashed', 'It fell.');
    return result;
  });
  const final = await submit(queues, 'final');
  const again = await submit(queues, 'again');
  expect(await until(queues, final, ended)).toMatchObject({
    state: 'failed',
    error: { code: 'model_unavailable', message: 'No such model: x.' },
    attempts: 1,
  });
  expect(await until(queues, again, ended)).toMatchObject({ state: 'succeeded', attempts: 2 });
  expect([...runs.values()]).toEqual([1, 2]);
});

test('an unexpected error tells the caller nothing of itself', async () => {
  const prefix = randomUUID();
  const queues = await open(prefix);
  work(prefix, async () => {
    throw new Error('secret text of the input');
  });
  const job = await until(queues, await submit(queues), ended);
  expect(job).toMatchObject({ state: 'failed', error: { code: 'internal' }, attempts: 3 });
  expect(JSON.stringify(job)).not.toContain('secret');
});

test('a job that lost its worker on every attempt fails with worker_lost, and is not run again', async () => {
  const prefix = randomUUID();
  const queues = await open(prefix);
  const id = await submit(queues);
  // what BullMQ's own check for stalled jobs writes after the last attempt that is allowed
  await queues.use(({ redis, key }) =>
    redis.hset(key('summarize', id), 'defa', 'job stalled more than allowable limit'),
  );
  let runs = 0;
  work(prefix, async () => {
    runs += 1;
    return result;
  });
  expect(await until(queues, id, ended)).toMatchObject({ state: 'failed', error: { code: 'worker_lost' } });
  expect(runs).toBe(0);
});

test('a job that cannot run yet waits with its reason and loses no attempt', async () => {
  const prefix = randomUUID();
  const queues = await open(prefix);
  let ready = false;
  let asked = 0;
  work(prefix, async () => {
    asked += 1;
    if (!ready) throw new NotYet(20, { ratio: 0, stage: 'waiting-for-model', message: 'Downloading, 3 %.' });
    return result;
  });
  const id = await submit(queues);
  const waiting = await until(queues, id, (job) => job.state === 'queued' && job.progress !== null);
  expect(waiting.progress).toMatchObject({ stage: 'waiting-for-model', message: 'Downloading, 3 %.' });
  await expect.poll(() => asked).toBeGreaterThan(3);
  ready = true;
  expect(await until(queues, id, ended)).toMatchObject({ state: 'succeeded', attempts: 1 });
  // its reason was told once, and not each time that it was asked
  expect((await readEvents(queues, id, '0')).filter(({ event }) => event.type === 'progress')).toHaveLength(1);
});

test('a job handed back by a stopping worker is run by the next one', async () => {
  const prefix = randomUUID();
  const queues = await open(prefix);
  const started = Promise.withResolvers<void>();
  const stop = new AbortController();
  const first = work(prefix, ({ signal }) => {
    started.resolve();
    const either = AbortSignal.any([signal, stop.signal]);
    return new Promise((_, reject) => either.addEventListener('abort', () => reject(either.reason)));
  });
  const id = await submit(queues);
  await started.promise;
  first.pause();
  stop.abort(new HandedBack('stopping'));
  await first.close();
  expect(await getJob(queues, id)).toMatchObject({ state: 'queued', position: 1, attempts: 0 });
  work(prefix, async () => result);
  expect(await until(queues, id, ended)).toMatchObject({ state: 'succeeded', attempts: 1 });
});

test('queues of several tasks share the places in turn, and no job is taken before it has one', async () => {
  const prefix = randomUUID();
  const queues = await open(prefix);
  const ids = [await submit(queues), await submit(queues), await submit(queues)];
  for (let i = 0; i < 3; i += 1) ids.push((await submitJob(queues, 'classify-text', { text: 'x' }, { topK: 1 })).id);
  const order: TaskName[] = [];
  let now = 0;
  let most = 0;
  work(prefix, async ({ task }) => {
    order.push(task);
    now += 1;
    most = Math.max(most, now);
    const queued = await Promise.all(ids.map((id) => getJob(queues, id)));
    expect(queued.filter(({ state }) => state === 'running').length).toBeLessThanOrEqual(1);
    now -= 1;
    return result;
  });
  for (const id of ids) await until(queues, id, ended);
  expect(most).toBe(1);
  expect(order.slice(0, 4).filter((task) => task === 'classify-text')).toHaveLength(2);
});

test('with no place free nothing is taken, until there is one', async () => {
  const prefix = randomUUID();
  const queues = await open(prefix);
  let places = 0;
  const id = await submit(queues);
  const consumer = work(
    prefix,
    async () => result,
    () => places,
  );
  await sleep(50); // long enough for a loop that does not ask for a place to take the job
  expect(await getJob(queues, id)).toMatchObject({ state: 'queued', position: 1 });
  places = 1;
  consumer.changed();
  await until(queues, id, ended);
});

test('an id that no job can have, and one that no job has', async () => {
  const queues = await open(randomUUID());
  for (const id of ['x', 'summarize_short', `unknown_${'a'.repeat(22)}`, `summarize_${'a'.repeat(22)}`])
    await expect(getJob(queues, id)).rejects.toMatchObject({ code: 'job_not_found' });
});
