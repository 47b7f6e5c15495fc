import type { Readiness } from '@slipway/contract/readiness';
import { expect, test } from 'vitest';
import { isOff, viewReadiness } from './readinessView.ts';

const model = {
  id: 'org/name',
  revision: 'main',
  dtype: 'q8',
  device: 'cpu',
  deviceReason: 'There is no graphics card.',
  state: 'ready',
  reason: 'Loaded.',
} as const;
const worker = { name: 'worker', state: 'down', reason: 'None has called.' } as const;

const told = (engine: 'transformers' | 'extractive' | 'builtin' | null, more: Partial<Readiness> = {}): Readiness => ({
  ready: true,
  parts: [],
  tasks: { summarize: { engine, reason: 'Because.', model: engine === 'builtin' ? null : model } },
  ...more,
});
const view = (readiness: Readiness | null | undefined) => viewReadiness(readiness, 'summarize');

test('the engine that answers now is named, with the reason', () => {
  expect(view(told('transformers'))).toEqual({ state: 'ready', text: 'Answers now: model org/name. Because.' });
  expect(view(told('extractive'))).toEqual({
    state: 'extractive',
    text: 'Answers now: extractive engine. Because.',
  });
  expect(view(told('builtin'))).toEqual({ state: 'ready', text: 'Answers now: builtin engine. Because.' });
});

test('when nothing can answer, what is down is named', () => {
  expect(view(told('extractive', { ready: false, parts: [worker] }))).toEqual({
    state: 'none',
    text: "Can't answer now: worker: None has called.",
  });
  expect(view(told(null, { tasks: { summarize: { engine: null, reason: 'Because.', model: null } } })).text).toBe(
    "Can't answer now: Because.",
  );
  expect(view(told(null, { tasks: {} })).text).toMatch('No worker has called yet');
  expect(view(null)).toMatchObject({ state: 'none', text: expect.stringContaining('reached') });
  expect(view(undefined).state).toBe('asking');
});

test('a model that a job would bring or wait for is no trouble', () => {
  const status = (state: 'pending' | 'unavailable') => ({
    summarize: { engine: null, reason: 'Because.', model: { ...model, state, reason: 'Brought when asked for.' } },
  });
  expect(view(told(null, { tasks: status('pending') }))).toEqual({
    state: 'coming',
    text: 'Jobs wait for model org/name. Brought when asked for.',
  });
  expect(view(told(null, { tasks: status('unavailable') })).state).toBe('none');
});

test('a task is off where a worker tells of others only', () => {
  expect(viewReadiness(told('extractive'), 'chat').state).toBe('off');
  expect(isOff(told('extractive'), 'summarize')).toBe(false);
  for (const unknown of [undefined, null, told(null, { tasks: {} })]) expect(isOff(unknown, 'chat')).toBe(false);
});
