import { randomUUID } from 'node:crypto';
import type { WorkerStatus } from '@slipway/contract/readiness';
import { afterEach, expect, inject, test, vi } from 'vitest';
import { getJob } from '../inspect.ts';
import { ended, result, submit, testQueues, until } from '../test-queues.ts';
import { openEstimator } from './estimator.ts';
import { paceKey, recordRun } from './pace.ts';

const { open, work, close } = testQueues(inject('redisUrl'));
const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
  await close();
});

/** Queues with one worker of so many processes, and with what that does summaries. */
async function openHouse(children: number, model: string | null = null) {
  const prefix = randomUUID();
  const queues = await open(prefix);
  const worker: WorkerStatus = {
    id: randomUUID(),
    pid: 1,
    startedAt: new Date().toISOString(),
    children: { total: children, alive: children, busy: 0 },
    tasks: { summarize: engineStatus(model) },
  };
  const measured = (inputLength: number, runMs: number, of: string | null = null) =>
    queues.use(({ redis }) => recordRun(redis, prefix, { task: 'summarize', model: of, inputLength, runMs }));
  async function estimating(refreshEveryMs = 500) {
    // the list of workers is one for all prefixes, so that of a test is given
    const estimator = openEstimator(queues, { refreshEveryMs, workers: async () => [worker] });
    cleanUp.push(() => estimator.close());
    await estimator.ready();
    return estimator;
  }
  return { queues, prefix, measured, estimating };
}

function engineStatus(model: string | null): WorkerStatus['tasks'][string] {
  if (model === null) return { engine: 'extractive', reason: 'test', model: null };
  const status = { id: model, revision: 'main', dtype: 'q8', device: 'cpu', deviceReason: 'test' } as const;
  return { engine: 'transformers', reason: 'test', model: { ...status, state: 'ready', reason: 'test' } };
}

const soon = { task: 'summarize', inputLength: 1_000, state: 'queued', ahead: 0 } as const;
const text = (length: number) => 'a'.repeat(length);

test('jobs that wait start after the work ahead of them, by the lengths of their inputs', async () => {
  const { queues, measured, estimating } = await openHouse(1);
  await measured(100, 1_000);
  await measured(10_000, 30_000);
  for (const length of [10_000, 100, 100]) await submit(queues, text(length));
  const estimator = await estimating();
  const times = (ahead: number) => estimator.estimate({ ...soon, inputLength: 100, ahead, nowMs: 0 });
  const lookedAtMs = times(0)?.startsAtMs ?? 0;
  const waits = [0, 1, 2, 3, 4].map((ahead) => (times(ahead)?.startsAtMs ?? 0) - lookedAtMs);
  // a fifth came after the look: the one before it is taken for a mean one
  expect(waits.map(Math.round)).toEqual([0, 30_000, 31_000, 32_000, 42_667]);
  expect(times(1)?.endsAtMs).toBeCloseTo(lookedAtMs + 31_000, 0);
});

test('a job that was given back after a stall goes first', async () => {
  const { queues, measured, estimating } = await openHouse(1);
  await measured(100, 1_000);
  await measured(10_000, 30_000);
  await submit(queues, text(100));
  const stalled = await submit(queues, text(10_000));
  await queues.use(async ({ redis, key }) => {
    await redis.zrem(key('summarize', 'prioritized'), stalled);
    await redis.rpush(key('summarize', 'wait'), stalled); // as BullMQ does
  });
  const estimator = await estimating();
  const starts = (ahead: number) => estimator.estimate({ ...soon, ahead, nowMs: 0 })?.startsAtMs ?? 0;
  expect(starts(1) - starts(0)).toBeCloseTo(30_000, 0);
});

test('a running job counts with what is left of it, and tells when it ends', async () => {
  const { queues, prefix, measured, estimating } = await openHouse(1);
  await measured(1_000, 20_000);
  const gate = Promise.withResolvers<void>();
  cleanUp.push(() => gate.resolve());
  work(prefix, () => gate.promise.then(() => result));
  const id = await submit(queues, text(1_000));
  const running = await until(queues, id, (job) => job.state === 'running');
  const startedAtMs = Date.parse(running.startedAt ?? '');
  const estimator = await estimating();
  const ending = startedAtMs + 20_000;

  const ownEnd = (nowMs: number) => estimator.estimate({ ...soon, state: 'running', startedAtMs, nowMs });
  expect(ownEnd(startedAtMs + 5_000)).toEqual({ startsAtMs: startedAtMs, endsAtMs: expect.closeTo(ending, 0) });
  expect(ownEnd(startedAtMs + 40_000)?.endsAtMs).toBe(startedAtMs + 45_000); // longer than expected: an eighth more
  const next = estimator.estimate({ ...soon, nowMs: startedAtMs });
  expect(next?.startsAtMs).toBeCloseTo(ending, 0);
  expect(next?.endsAtMs).toBeCloseTo(ending + 20_000, 0);
  expect(estimator.secondsUntilRoom()).toBeGreaterThan(10);
  expect(estimator.secondsUntilRoom()).toBeLessThanOrEqual(20);
});

test('nothing is foreseen in the past, however old the look is', async () => {
  const { measured, estimating } = await openHouse(1);
  await measured(1_000, 2_000);
  const estimator = await estimating();
  for (const laterMs of [0, 10_000, 3_600_000]) {
    const nowMs = Date.now() + laterMs;
    const times = estimator.estimate({ ...soon, nowMs });
    expect(times?.startsAtMs).toBeGreaterThanOrEqual(nowMs);
    expect(times?.endsAtMs).toBeCloseTo(nowMs + 2_000, 0);
    const late = estimator.estimate({ ...soon, state: 'running', startedAtMs: nowMs - 3_600_000, nowMs });
    expect(late?.endsAtMs).toBeGreaterThan(nowMs);
  }
});

test('the model that runs now is the one that counts; one never measured takes the times of the one before', async () => {
  const { measured, estimating } = await openHouse(1, 'made/new');
  await measured(1_000, 9_000, 'made/older');
  await measured(1_000, 5_000, 'made/old');
  const runMs = async (model?: string) => {
    const times = (await estimating()).estimate({ ...soon, model, nowMs: 0 });
    return Math.round((times?.endsAtMs ?? 0) - (times?.startsAtMs ?? 0));
  };
  expect(await runMs()).toBe(5_000);
  expect(await runMs('made/older')).toBe(9_000);
  await measured(1_000, 500, 'made/new');
  await measured(1_000, 5_000, 'made/old'); // a job that was begun before the change
  expect(await runMs()).toBe(500);
});

test('no estimate where nothing was measured, where nobody works, or before the first look', async () => {
  const { queues, measured, estimating } = await openHouse(0);
  const unready = openEstimator(queues);
  expect(unready.estimate({ ...soon, nowMs: 0 })).toBeUndefined();
  await unready.ready();
  unready.close();
  const estimator = await estimating();
  expect(estimator.estimate({ ...soon, nowMs: 0 })).toBeUndefined();
  expect(estimator.secondsUntilRoom()).toBe(5);
  await measured(1_000, 100);
  const later = await estimating();
  expect(later.estimate({ ...soon, nowMs: 0 })).toBeUndefined(); // no process is alive
  expect(later.estimate({ ...soon, task: 'chat', nowMs: 0 })).toBeUndefined();
});

test('asking reads nothing; the next look is taken in the background, and only once', async () => {
  const { queues, measured, estimating } = await openHouse(1);
  await measured(1_000, 1_000);
  const estimator = await estimating(0);
  const use = vi.spyOn(queues, 'use');
  const nowMs = Date.now();
  const before = estimator.estimate({ ...soon, nowMs });
  for (let i = 0; i < 100; i++) estimator.estimate({ ...soon, nowMs });
  expect(use).toHaveBeenCalledTimes(1);
  await submit(queues, text(1_000));
  await measured(1_000, 3_000);
  await estimator.ready();
  await estimator.ready();
  const after = estimator.estimate({ ...soon, nowMs });
  expect((after?.endsAtMs ?? 0) - (before?.endsAtMs ?? 0)).toBeGreaterThan(900);
});

test('a job keeps its place of the last look, though its place now counts what was taken since', async () => {
  const { queues, measured, estimating } = await openHouse(1);
  await measured(1_000, 10_000);
  await submit(queues, text(1_000));
  const second = await submit(queues, text(1_000));
  const estimator = await estimating();
  const starts = (id?: string) => estimator.estimate({ ...soon, id, ahead: 0, nowMs: 0 })?.startsAtMs ?? 0;
  // the first was taken meanwhile: nothing is ahead any more, and still it has to wait for the end of it
  expect(starts(second) - starts()).toBeCloseTo(10_000, 0);
});

test('what lies broken in Redis is passed over, and an outage leaves what was known', async () => {
  const { queues, prefix, measured, estimating } = await openHouse(1);
  await measured(1_000, 1_000);
  await submit(queues, text(1_000));
  const odd = await submit(queues, text(1_000));
  await queues.use(async ({ redis, key }) => {
    await redis.hset(key('summarize', odd), 'slipway:terms', '{');
    await redis.set(paceKey(prefix, 'chat'), 'not a hash');
    await redis.hset(paceKey(prefix, 'summarize'), '3 ', 'fast');
  });
  const estimator = await estimating(0);
  const starts = (ahead: number) => estimator.estimate({ ...soon, ahead, nowMs: 0 })?.startsAtMs ?? 0;
  expect(starts(2) - starts(0)).toBeCloseTo(2_000, 0);
  vi.spyOn(queues, 'use').mockRejectedValue(new Error('away'));
  await estimator.ready();
  expect(starts(2) - starts(0)).toBeCloseTo(2_000, 0);
});

test('with other jobs done, the queue of a house that works is as foreseen: first in, first out', async () => {
  const { queues, prefix, measured, estimating } = await openHouse(2);
  await measured(1_000, 50);
  const ids = [await submit(queues, text(1_000)), await submit(queues, text(1_000)), await submit(queues, text(1_000))];
  const estimator = await estimating();
  const starts = ids.map((id, ahead) => estimator.estimate({ ...soon, id, ahead, nowMs: 0 })?.startsAtMs ?? 0);
  expect(starts[1]).toBe(starts[0]);
  expect((starts[2] ?? 0) - (starts[0] ?? 0)).toBeCloseTo(50, 0);
  work(
    prefix,
    async () => result,
    () => 2,
  );
  for (const id of ids) await until(queues, id, ended);
  const done = await estimating();
  const nowMs = Date.now() + 1_000;
  expect(done.estimate({ ...soon, nowMs })?.startsAtMs).toBe(nowMs);
  expect((await getJob(queues, ids[0] ?? '')).state).toBe('succeeded');
});
