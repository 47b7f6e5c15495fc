import path from 'node:path';
import { CodedError } from '@slipway/contract/problems';
import type { TaskName } from '@slipway/contract/tasks';
import { createLog } from '@slipway/runtime/log';
import { afterEach, expect, test } from 'vitest';
import { mostShared } from './inference-process.ts';
import { Pool } from './pool.ts';
import { deaf, never, silentJob, watcher } from './test-jobs.ts';

const entry = path.join(import.meta.dirname, 'test-child.ts');
const started: string[] = [];
const { onChange, until } = watcher();
let pool: Pool;

afterEach(() => pool.stop());

async function open(size: number): Promise<void> {
  started.length = 0;
  pool = new Pool({ entry, size, maxRssBytes: 1e9, log: createLog('test', 'silent'), onChange });
  await until(() => pool.counts().alive === size);
}

/** Begins a job that runs until its process says that it is done. */
const begin = (id: string, shares = true, signal = never) =>
  pool
    .run(silentJob(id, shares), { ...deaf, started: () => started.push(id) }, signal)
    .catch((error: unknown) => error);

/** As the consumer asks: about every task, with what runs. */
const accepted = (tasks: TaskName[], running: Partial<Record<TaskName, number>>) => {
  const counts = new Map(Object.entries(running)) as Map<TaskName, number>;
  return tasks.filter((task) => pool.accepts(task, counts));
};

test('a backlog of one task makes way, once its place was filled, for another that found none', async () => {
  await open(1);
  const both: TaskName[] = ['summarize', 'classify-text'];
  expect(accepted(both, {})).toEqual(both);
  for (let count = 0; count < mostShared; count += 1) {
    expect(accepted(both, { 'classify-text': count })).toContain('classify-text');
    void begin(`${count}`);
  }
  // most have ended, so there would be room, but as many as share a place have had it in a row
  expect(accepted(both, { 'classify-text': 3 })).toEqual([]);
  expect(accepted(both, {})).toEqual(both);
  // then it begins anew
  expect(accepted(both, { 'classify-text': 1 })).toEqual(['classify-text']);
});

test('a backlog that keeps nobody from running goes on without a stop', async () => {
  await open(2);
  for (let count = 0; count < 2 * mostShared; count += 1) void begin(`${count}`);
  // the other process is free for the others
  expect(accepted(['summarize', 'classify-text'], { 'classify-text': 3 })).toEqual(['summarize', 'classify-text']);
  // there are no others
  expect(accepted(['classify-text'], { chat: 1, 'classify-text': 3 })).toEqual(['classify-text']);
});

test('a job that runs alone takes a place for itself, whatever its task', async () => {
  await open(2);
  expect(accepted(['classify-text', 'chat'], { 'classify-text': 2 })).toEqual(['classify-text', 'chat']);
  void begin('again', false);
  void begin('once more', false);
  expect(accepted(['classify-text', 'chat'], { 'classify-text': 2 })).toEqual([]);
});

test('one that gave up waiting for a place keeps nobody from sharing', async () => {
  await open(1);
  const abort = new AbortController();
  void begin('first');
  const waiting = begin('waits', false, abort.signal);
  void begin('second');
  expect(started).toEqual(['first']);
  const reason = new CodedError('canceled', 'Enough.');
  abort.abort(reason);
  expect(await waiting).toBe(reason);
  expect(started).toEqual(['first', 'second']);
});
