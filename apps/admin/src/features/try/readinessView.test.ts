import type { Readiness } from '@slipway/contract/readiness';
import { expect, test } from 'vitest';
import { viewReadiness } from './readinessView.ts';

const model = {
  id: 'org/name',
  revision: 'main',
  dtype: 'q8',
  state: 'ready',
  reason: 'Loaded.',
} as const;
const worker = { name: 'worker', state: 'down', reason: 'None has called.' } as const;

const told = (engine: 'transformers' | 'extractive' | null, more: Partial<Readiness> = {}): Readiness => ({
  ready: true,
  parts: [],
  tasks: { summarize: { engine, reason: 'Because.', model } },
  ...more,
});

test('the engine that answers now is named, with the reason', () => {
  expect(viewReadiness(told('transformers'))).toEqual({
    state: 'model',
    text: 'Answers now: model org/name. Because.',
  });
  expect(viewReadiness(told('extractive'))).toEqual({
    state: 'extractive',
    text: 'Answers now: extractive engine. Because.',
  });
});

test('when nothing can answer, what is down is named', () => {
  expect(viewReadiness(told('extractive', { ready: false, parts: [worker] }))).toEqual({
    state: 'none',
    text: "Can't answer now: worker: None has called.",
  });
  expect(viewReadiness(told(null)).text).toBe("Can't answer now: Because.");
  expect(viewReadiness(told(null, { tasks: {} })).text).toMatch('no worker has called yet');
});
