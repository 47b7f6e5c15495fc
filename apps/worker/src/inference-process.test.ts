import path from 'node:path';
import { CodedError } from '@slipway/contract/problems';
import { createLog } from '@slipway/runtime/log';
import { afterEach, expect, test, vi } from 'vitest';
import { InferenceProcess } from './inference-process.ts';
import type { FromChild, ModelFiles } from './messages.ts';
import { deaf, never, silentJob, watcher } from './test-jobs.ts';

const entry = path.join(import.meta.dirname, 'test-child.ts');
const model: ModelFiles = { task: 'chat', id: 'made/x', dir: '/x', dtype: 'fp32', device: 'cpu', threads: 1 };
const loading: FromChild = { type: 'loading', task: 'chat' };
const enough = new CodedError('canceled', 'Enough.');

let inference: InferenceProcess;
const { onChange, until } = watcher();
afterEach(() => {
  inference.stop();
  vi.useRealTimers();
});

function open(): void {
  inference = new InferenceProcess({ entry, log: createLog('test', 'silent'), maxRssBytes: 1e9, onChange });
}

const up = () => until(() => inference.alive);
const isLoading = () => until(() => inference.loads.get('chat') === 'loading');
const done = (id: string, rssBytes = 1): FromChild => ({
  type: 'done',
  id,
  handled: { output: { labels: [] }, model: null, inputTokens: null, outputTokens: null },
  rssBytes,
});

/** Runs a job of which the process says all this, by default that it is done. */
function run(id: string, says: FromChild[] = [done(id)], signal = never, shares = false) {
  return inference.run({ ...silentJob(id, shares), input: says }, deaf, signal).catch((error: unknown) => error);
}

test('a job that is told to stop while a model loads ends without its process, its companions and the load', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] });
  open();
  await up();
  const { pid } = inference;
  const abort = new AbortController();
  const companion = run('companion', []);
  const stopped = run('stopped', [loading], abort.signal);
  await isLoading();
  abort.abort(enough);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(await stopped).toBe(enough);
  expect([inference.alive, inference.pid, inference.givenUp('chat')]).toEqual([true, pid, false]);
  // what is said of it later is dropped
  const failed: FromChild = { type: 'failed', id: 'stopped', code: 'canceled', message: 'Late.', rssBytes: 1 };
  await run('last', [failed, { type: 'loaded', task: 'chat' }, done('companion'), done('last')]);
  expect(await companion).toMatchObject({ output: { labels: [] } });
  expect([inference.loads.get('chat'), inference.pid]).toEqual(['loaded', pid]);
});

test('a process that has been loading for minutes counts as hung: it is killed', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] });
  open();
  await up();
  const { pid } = inference;
  const abort = new AbortController();
  const stopped = run('stopped', [loading], abort.signal);
  await isLoading();
  await vi.advanceTimersByTimeAsync(5 * 60_000);
  abort.abort(enough);
  vi.advanceTimersByTime(2_000);
  vi.useRealTimers(); // at once, for the next start is timed too
  expect(await stopped).toBe(enough);
  expect(inference.alive).toBe(false);
  await until(() => inference.alive && inference.pid !== pid);
});

test('only a process that ends by itself while it loads counts against the model', async () => {
  open();
  inference.load(model);
  for (let times = 1; times <= 3; times += 1) {
    await up();
    const { pid } = inference;
    await run('large', [loading, done('large', 2e9)]); // replaced by us
    await until(() => inference.alive && inference.pid !== pid);
  }
  expect(inference.givenUp('chat')).toBe(false);
  for (let times = 1; times <= 3; times += 1) {
    await up();
    expect(inference.givenUp('chat')).toBe(false);
    const crashed = run('crashed', [loading]);
    await isLoading();
    process.kill(inference.pid ?? 0, 'SIGKILL');
    expect(await crashed).toMatchObject({ code: 'child_crashed' });
  }
  expect(inference.givenUp('chat')).toBe(true);
});

test('a process that could not be started is tried again', async () => {
  const { execPath } = process;
  process.execPath = path.join(import.meta.dirname, 'no-such-node');
  try {
    open();
  } finally {
    process.execPath = execPath;
  }
  expect(inference.pid).toBeUndefined();
  await up();
});

test('a process shares with jobs that it runs, and with none once it is to be replaced', async () => {
  open();
  await up();
  const { pid } = inference;
  expect(inference.canShare(silentJob('idle', true))).toBe(false);
  const first = run('first', [], never, true);
  expect(inference.canShare(silentJob('second', true))).toBe(true);
  const second = run('second', [done('second', 2e9)], never, true);
  await second;
  expect(inference.canShare(silentJob('third', true))).toBe(false);
  expect(inference.pid).toBe(pid); // the first still runs
  await run('last', [done('first'), done('last')]);
  expect(await first).toMatchObject({ output: { labels: [] } });
  await until(() => inference.alive && inference.pid !== pid);
});

test('a model that nobody asks for is let go of as soon as the jobs of others leave room', async () => {
  open();
  await up();
  const { pid } = inference;
  await run('loads', [loading, { type: 'loaded', task: 'chat' }, done('loads')]);
  const running = run('running', [], never, true);
  inference.dropIdle(-1);
  expect([inference.pid, inference.canShare(silentJob('more', true))]).toEqual([pid, false]);
  await run('last', [done('running'), done('last')]);
  expect(await running).toMatchObject({ output: { labels: [] } });
  await until(() => inference.alive && inference.pid !== pid);
  expect(inference.loads.size).toBe(0);
});
