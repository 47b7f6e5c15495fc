import type { EngineStatus } from '@slipway/contract/engines';
import type { WorkerStatus } from '@slipway/contract/readiness';
import { expect, test } from 'vitest';
import { readiness } from './readiness.ts';

const can: EngineStatus = { engine: 'transformers', reason: 'the model is ready', model: null };
const cannot: EngineStatus = { engine: null, reason: 'the model is not ready yet', model: null };

const worker = (tasks: WorkerStatus['tasks']): WorkerStatus => ({
  id: 'one',
  pid: 1,
  startedAt: '2030-01-31T12:00:00.000Z',
  children: { total: 1, alive: 1, busy: 0 },
  tasks,
});

test('one task that has an engine is enough', () => {
  expect(readiness([worker({ summarize: cannot, chat: can })], ['summarize', 'chat']).ready).toBe(true);
});

test('where no task has an engine now it is not ready, though its workers live', () => {
  const { ready, parts } = readiness([worker({ summarize: cannot, chat: cannot })], ['summarize', 'chat']);
  expect(ready).toBe(false);
  expect(parts.map(({ state }) => state)).toEqual(['ok', 'ok']);
});

test('an engine of a task that is turned off does not count', () => {
  expect(readiness([worker({ summarize: cannot, chat: can })], ['summarize']).ready).toBe(false);
});

test('with several workers the one that can speaks', () => {
  const workers = [worker({ chat: cannot }), worker({ chat: can })];
  expect(readiness(workers, ['chat'])).toMatchObject({ ready: true, tasks: { chat: can } });
});

test('without a worker or without Redis it is not ready', () => {
  expect(readiness([], ['chat']).ready).toBe(false);
  expect(readiness(undefined, ['chat']).ready).toBe(false);
});

test.each([
  ['disk', undefined, 'ok'],
  ['ephemeral', undefined, 'degraded'],
  ['bucket', { at: '2030-01-31T12:00:00.000Z', fault: null }, 'ok'],
  ['bucket', { at: '2030-01-31T12:00:00.000Z', fault: 'ENOSPC' }, 'degraded'],
] as const)(
  'point 36: a data folder that is a %s with %j is told as %s, and where it lies is not',
  (kind, snapshot, state) => {
    const folders = { dir: '/secret/data', wanted: '/secret/wanted' };
    const data = { kind, ...folders, reason: 'is what it is', ...(snapshot && { snapshot }) };
    const { ready, parts } = readiness([worker({ chat: can })], ['chat'], data);
    expect(ready).toBe(true);
    expect(parts.at(-1)).toMatchObject({ name: 'data', kind, state });
    expect(JSON.stringify(parts)).not.toContain('/secret');
    if (snapshot) expect(parts.at(-1)?.reason).toContain(snapshot.fault ?? snapshot.at);
  },
);

test('point 36: a data folder that goes with the machine is no fault where jobs come back from the archive', () => {
  const data = { kind: 'ephemeral', dir: '/d', wanted: '/w', reason: 'is what it is' } as const;
  const archive = (state: 'ok' | 'degraded') => ({ name: 'archive', state, reason: 'x' });
  const told = (state: 'ok' | 'degraded') => readiness([worker({ chat: can })], ['chat'], data, archive(state)).parts;
  expect(
    told('ok')
      .map(({ name, kind, state }) => [name, kind, state])
      .slice(2),
  ).toEqual([
    ['data', 'dataset', 'ok'],
    ['archive', undefined, 'ok'],
  ]);
  expect(
    told('degraded')
      .map(({ state }) => state)
      .slice(2),
  ).toEqual(['degraded', 'degraded']);
});
