import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startTestHub, type TestHub } from '@slipway/inference/store/test-hub';
import { makeModels } from '@slipway/models/make';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Stack, startStack } from './stack.ts';

const weights = 'onnx/decoder_model_merged.onnx';
/** Answers that the hub holds back until the test lets them go. */
const held: (() => void)[] = [];
let released = false;
let models: string;
let hub: TestHub;
let stack: Stack;

beforeAll(async () => {
  models = await mkdtemp(path.join(tmpdir(), 'slipway-models-'));
  await makeModels(models);
  const names = [
    'config.json',
    'generation_config.json',
    'tokenizer.json',
    'tokenizer_config.json',
    'onnx/encoder_model.onnx',
    weights,
  ];
  const files = Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(path.join(models, 'made/copier', name))])),
  );
  hub = await startTestHub({ files, id: 'made/copier', revision: 'main', accident: holdWeights });
  const env = {
    ENGINE: 'auto',
    MODEL_NAME: 'made/copier',
    HF_ENDPOINT: hub.endpoint,
    HF_HOME: path.join(models, 'cache'),
  };
  stack = await startStack({ env });

  function holdWeights(method: string, file: string, response: ServerResponse): true | undefined {
    if (method !== 'GET' || file !== weights || released) return undefined;
    held.push(() => response.writeHead(200).end(files[weights]));
    return true;
  }
});
afterAll(async () => {
  await stack.remove();
  await hub.close();
  await rm(models, { recursive: true, force: true });
});

test('while the model is downloaded, a job that insists on it waits, and others are answered without it', async () => {
  const text = 'The copier gives back what it was given.';
  const patient = await stack.client.submit('summarize', { text }, { engine: 'transformers', maxTokens: 10 });
  const anyEngine = await stack.client.submit('summarize', { text });

  const done = await stack.client.wait(anyEngine.id);
  expect(done).toMatchObject({ state: 'succeeded', engine: 'extractive' });
  expect(done.engineReason).toMatch(/^ENGINE=auto; the model is not ready: Downloading, \d+ % of/);
  const waiting = await stack.client.get(patient.id);
  expect(waiting).toMatchObject({ state: 'queued', attempts: 0, progress: { stage: 'waiting-for-model' } });
  expect((await stack.client.readiness()).tasks.summarize).toMatchObject({
    engine: 'extractive',
    model: { id: 'made/copier', state: 'downloading' },
  });

  released = true;
  for (const release of held) release();
  const patientDone = await stack.client.wait<'summarize'>(patient.id);
  expect(patientDone).toMatchObject({ state: 'succeeded', engine: 'transformers', model: 'made/copier', attempts: 1 });
  expect(patientDone.output?.summary).toBe('The copier');

  const later = await stack.client.submit('summarize', { text }, { maxTokens: 10 });
  expect(await stack.client.wait(later.id)).toMatchObject({ engine: 'transformers' });
});

test('the next start finds the model in the cache and asks no hub', async () => {
  const asked = hub.requests.length;
  const env = {
    ENGINE: 'transformers',
    MODEL_NAME: 'made/copier',
    HF_ENDPOINT: hub.endpoint,
    HF_HOME: path.join(models, 'cache'),
  };
  const second = await startStack({ env });
  const { id } = await second.client.submit('summarize', { text: 'From the cache.' }, { maxTokens: 4 });
  expect(await second.client.wait(id)).toMatchObject({ state: 'succeeded', engine: 'transformers' });
  await second.remove();
  expect(hub.requests.length).toBe(asked);
});
