import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { makeModels } from '@slipway/models/make';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { locateLocal } from './locate.ts';

const model = { id: 'made/copier', revision: 'main', dtype: 'fp32' } as const;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'slipway-locate-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('finds nothing where nothing is', async () => {
  expect(await locateLocal(model, undefined)).toBeUndefined();
  expect(await locateLocal(model, folder)).toBeUndefined();
  expect(await locateLocal(model, path.join(folder, 'none'))).toBeUndefined();
});

test('finds a model that has all of its files; an optional one may be missing', async () => {
  await makeModels(folder);
  await rm(path.join(folder, 'made/copier/generation_config.json'));
  expect(await locateLocal(model, folder)).toBe(path.join(folder, 'made/copier'));
});

test('the error names the first file that is missing', async () => {
  await makeModels(folder);
  await rm(path.join(folder, 'made/copier/tokenizer.json'));
  await expect(locateLocal(model, folder)).rejects.toThrow(/has no tokenizer\.json; put it there/);
});

test('another number format is another set of files', async () => {
  await makeModels(folder);
  await expect(locateLocal({ ...model, dtype: 'q8' }, folder)).rejects.toThrow(
    /encoder_model_quantized\.onnx.*SUMMARIZE_MODEL_DTYPE/,
  );
});

test('the files are those of the task, and so are the variables', async () => {
  await makeModels(folder);
  await expect(locateLocal({ ...model, task: 'classify-image' }, folder)).rejects.toThrow(
    /has no preprocessor_config\.json; .*CLASSIFY_IMAGE_MODEL_DTYPE/,
  );
});
