import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Job } from '@slipway/contract/jobs';
import { CodedError } from '@slipway/contract/problems';
import type { Result, Terms } from '@slipway/contract/records';
import { type TaskName, taskNames } from '@slipway/contract/tasks';
import { createLog } from '@slipway/runtime/log';
import { afterEach, expect, inject, test } from 'vitest';
import { cancelJob } from './cancel.ts';
import { connectConsumer } from './connection.ts';
import { type Consumer, consume } from './consume.ts';
import { endOverdue } from './deadlines.ts';
import { readEvents } from './events.ts';
import { followJob } from './follow.ts';
import { getJob } from './inspect.ts';
import { openQueues, type Queues } from './queues.ts';
import { submitJob } from './submit.ts';
import { openWatcher } from './watch.ts';
import { HandedBack, NotYet, type Work } from './work.ts';

const log = createLog('test', 'silent');
const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

const result: Result = {
  output: { summary: 'Short.' },
  engine: 'extractive',
  engineReason: 'ENGINE=extractive',
  model: null,
  inputTokens: 2,
  outputTokens: 1,
};

async function open(prefix: string): Promise<Queues> {
  const queues = openQueues({ url: inject('redisUrl'), log, jobTtlSeconds: 60, prefix });
  cleanUp.push(() => queues.close());
  while (!(await queues.use(async () => true).catch(() => false))) await sleep(5);
  return queues;
}

function work(prefix: string, run: (work: Work) => Promise<Result>, places = () => 1): Consumer {
  const connection = connectConsumer(inject('redisUrl'), log);
  const accepts = (_task: TaskName, running: ReadonlyMap<TaskName, number>) =>
    [...running.values()].reduce((sum, count) => sum + count, 0) < places();
  const consumer = consume({ connection, tasks: taskNames, accepts, run, log, prefix });
  cleanUp.push(() => consumer.close().then(() => connection.disconnect()));
  return consumer;
}

const options = { engine: 'auto', length: 'short', format: 'paragraph' } as const;
const submit = (queues: Queues, text = 'Some text.', terms: Terms = {}) =>
  submitJob(queues, 'summarize', { text }, options, terms);

async function until(queues: Queues, id: string, holds: (job: Job) => boolean): Promise<Job> {
  for (;;) {
    const job = await getJob(queues, id);
    if (holds(job)) return job;
    await sleep(10);
  }
}
const ended = (job: Job) => job.finishedAt !== null;

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
  await expect.poll(() => inputOf(second)).toBeNull(); // it would only fill Redis
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
  for (let i = 0; i < 3; i += 1) ids.push(await submitJob(queues, 'classify-text', { text: 'x' }, { topK: 1 }));
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

async function follow(queues: Queues, prefix: string, id: string, after?: string) {
  const watcher = openWatcher({ url: inject('redisUrl'), log, prefix });
  cleanUp.push(() => watcher.close());
  return followJob({ queues, watcher }, id, after, new AbortController().signal);
}

test('who follows a job gets its states, its text, its log and its end; who comes back gets the rest', async () => {
  const prefix = randomUUID();
  const queues = await open(prefix);
  const id = await submit(queues);
  const gate = Promise.withResolvers<void>();
  let attempts = 0;
  work(prefix, async ({ started, output, log: tell, report, attempt }) => {
    started();
    attempts = attempt;
    tell('reading');
    output('First ');
    if (attempt === 1) throw new CodedError('child_crashed', 'It fell.');
    await gate.promise;
    report({ ratio: 0.5, stage: 'writing', message: 'Half.' });
    output('then.');
    return result;
  });
  const seen: { id?: string; type: string; [key: string]: unknown }[] = [];
  for await (const news of await follow(queues, prefix, id)) {
    if (news.type === 'event') {
      seen.push({ id: news.id, ...news.event });
      if (news.event.type === 'output' && attempts === 2) gate.resolve();
    } else if (news.type === 'end') seen.push({ type: 'end', state: news.job.state });
  }
  expect(seen.map(({ type, state, attempt, text }) => [type, state ?? attempt ?? text].filter(Boolean))).toEqual([
    ['state', 'running'],
    ['log'],
    ['output', 'First '],
    ['state', 'queued'],
    ['state', 'running'],
    ['log'],
    ['output', 'First '],
    ['output', 'then.'],
    ['progress'],
    ['state', 'succeeded'],
    ['end', 'succeeded'],
  ]);
  expect((await getJob(queues, id)).metrics.firstTokenMs).toBeGreaterThanOrEqual(0);

  const middle = seen[5]?.id;
  const rest: unknown[] = [];
  for await (const news of await follow(queues, prefix, id, middle)) if (news.type === 'event') rest.push(news.id);
  expect(rest).toEqual(seen.slice(6, 10).map((event) => event.id));
  expect(await readEvents(queues, id, seen[9]?.id ?? '')).toEqual([]);
});

test('who follows a job that is canceled while it waits hears of it', async () => {
  const prefix = randomUUID();
  const queues = await open(prefix);
  const id = await submit(queues);
  const states: string[] = [];
  for await (const news of await follow(queues, prefix, id)) {
    if (news.type !== 'job' && news.type !== 'end') continue;
    states.push(news.job.state);
    if (states.length === 1) await cancelJob(queues, id);
  }
  expect(states.at(-1)).toBe('canceled');
});

test('all the text arrives, in order, however fast it comes', async () => {
  const prefix = randomUUID();
  const queues = await open(prefix);
  const id = await submit(queues);
  const pieces = Array.from({ length: 5_000 }, (_, i) => `${i} `);
  work(prefix, async ({ output }) => {
    for (const [i, piece] of pieces.entries()) {
      output(piece);
      if (i % 500 === 0) await sleep(1);
    }
    return result;
  });
  let text = '';
  let events = 0;
  for await (const news of await follow(queues, prefix, id))
    if (news.type === 'event' && news.event.type === 'output') {
      text += news.event.text;
      events += 1;
    }
  expect(text).toBe(pieces.join(''));
  expect(events).toBeLessThan(100);
});
