import type { ModelStatus } from '@slipway/contract/engines';
import { expect, test } from 'vitest';
import { chooseEngine, engineStatus } from './engine-choice.ts';

const model = (state: ModelStatus['state'], reason = 'because'): ModelStatus => ({
  id: 'made/copier',
  revision: 'main',
  dtype: 'fp32',
  device: 'cpu',
  deviceReason: 'DEVICE=cpu',
  state,
  reason,
});

test.each([
  ['auto', 'auto', 'ready', 'transformers'],
  ['auto', 'auto', 'loading', 'extractive'],
  ['auto', 'auto', 'unavailable', 'extractive'],
  ['auto', 'extractive', 'disabled', 'extractive'],
  ['auto', 'transformers', 'ready', 'transformers'],
  ['auto', 'transformers', 'downloading', undefined],
  ['transformers', 'auto', 'ready', 'transformers'],
  ['transformers', 'auto', 'pending', undefined],
  ['extractive', 'transformers', 'ready', 'extractive'],
] as const)('a job that wants %s, with ENGINE=%s and a model that is %s → %s', (wanted, configured, state, engine) => {
  expect(chooseEngine(wanted, configured, model(state))?.engine).toBe(engine);
});

test.each([
  ['transformers', 'auto', 'unavailable'],
  ['transformers', 'extractive', 'disabled'],
  ['auto', 'transformers', 'unavailable'],
] as const)('wanting %s with ENGINE=%s and a model that is %s fails for good', (wanted, configured, state) => {
  expect(() => chooseEngine(wanted, configured, model(state))).toThrow(
    expect.objectContaining({ code: 'model_unavailable', message: expect.stringContaining('because') }),
  );
});

test('the reason tells who chose, and why not the model', () => {
  expect(chooseEngine('auto', 'auto', model('downloading', '3 %'))?.reason).toBe(
    'ENGINE=auto; the model is not ready: 3 %',
  );
  expect(chooseEngine('extractive', 'auto', model('ready'))?.reason).toBe('asked for by the job');
});

test('no reason names a chooser who may not have chosen: chat knows no engine but the model', () => {
  expect(chooseEngine('transformers', 'auto', model('ready'))?.reason).toBe(
    'only a model may do it; the model is ready',
  );
  expect(engineStatus('transformers', model('ready')).reason).toBe('only a model may do it; the model is ready');
  expect(engineStatus('transformers', model('pending', 'Brought when a job first asks for it.')).reason).toBe(
    'only a model may do it; the model is not ready yet: Brought when a job first asks for it.',
  );
  expect(engineStatus('auto', model('ready')).reason).toBe('ENGINE=auto; the model is ready');
});

test('an instance that insists on its model is not ready until it has it', () => {
  expect(engineStatus('transformers', model('loading'))).toMatchObject({ engine: null });
  expect(engineStatus('transformers', model('unavailable'))).toMatchObject({ engine: null });
  expect(engineStatus('transformers', model('ready'))).toMatchObject({ engine: 'transformers' });
});
