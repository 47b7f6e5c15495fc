import { appendFile, cp, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { makeModels } from '@slipway/models/make';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { locateModel } from './locate.ts';
import { type Manifest, writeManifest } from './manifest.ts';
import { cacheFolder, filesOf } from './model.ts';

const model = { id: 'made/copier', revision: 'main', dtype: 'fp32' } as const;
let dir: string;
let localModelPath: string;
let cacheDir: string;

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'slipway-locate-'));
  localModelPath = path.join(dir, 'local');
  cacheDir = path.join(dir, 'cache');
});
afterEach(() => rm(dir, { recursive: true }));

async function fillCache(): Promise<string> {
  await makeModels(path.join(dir, 'made'));
  const target = cacheFolder(cacheDir, model);
  await cp(path.join(dir, 'made', model.id), target, { recursive: true });
  const files: Manifest['files'] = {};
  for (const file of filesOf(model).required) {
    files[file] = { size: (await stat(path.join(target, file))).size, sha256: '0'.repeat(64) };
  }
  await writeManifest(target, { ...model, commit: null, files });
  return target;
}

test('finds nothing where nothing is', async () => {
  expect(await locateModel({ model, localModelPath: undefined, cacheDir })).toBeUndefined();
  expect(await locateModel({ model, localModelPath, cacheDir })).toBeUndefined();
});

test("the operator's folder comes first", async () => {
  await fillCache();
  await makeModels(localModelPath);
  const located = await locateModel({ model, localModelPath, cacheDir });
  expect(located).toEqual({ dir: path.join(localModelPath, 'made/copier'), source: 'local' });
});

test("the operator's folder must be complete, and the error names the first file that is missing", async () => {
  await makeModels(localModelPath);
  await rm(path.join(localModelPath, 'made/copier/tokenizer.json'));
  await expect(locateModel({ model, localModelPath, cacheDir })).rejects.toThrow(
    /has no tokenizer\.json; put it there/,
  );
});

test('an optional file may be missing', async () => {
  await makeModels(localModelPath);
  await rm(path.join(localModelPath, 'made/copier/generation_config.json'));
  expect(await locateModel({ model, localModelPath, cacheDir })).toMatchObject({ source: 'local' });
});

test('another number format is another set of files', async () => {
  await makeModels(localModelPath);
  const q8 = { ...model, dtype: 'q8' } as const;
  await expect(locateModel({ model: q8, localModelPath, cacheDir })).rejects.toThrow(
    /encoder_model_quantized\.onnx.*SUMMARIZE_MODEL_DTYPE/,
  );
});

test('the files are those of the task, and so are the variables', async () => {
  await makeModels(localModelPath);
  const images = { ...model, task: 'classify-image' } as const;
  await expect(locateModel({ model: images, localModelPath, cacheDir })).rejects.toThrow(
    /has no preprocessor_config\.json; .*CLASSIFY_IMAGE_MODEL_DTYPE/,
  );
});

test('finds a download whose manifest fits', async () => {
  const target = await fillCache();
  expect(await locateModel({ model, localModelPath, cacheDir })).toEqual({ dir: target, source: 'cache' });
});

test('a download is of one revision', async () => {
  await fillCache();
  expect(await locateModel({ model: { ...model, revision: 'v2' }, localModelPath, cacheDir })).toBeUndefined();
});

test.each([
  ['no manifest', (target: string) => rm(path.join(target, 'manifest.json'))],
  ['a manifest that breaks off', (target: string) => appendFile(path.join(target, 'manifest.json'), '{')],
  ['a file of another size', (target: string) => appendFile(path.join(target, 'config.json'), ' ')],
  ['a file that is gone', (target: string) => rm(path.join(target, 'onnx/encoder_model.onnx'))],
])('does not take a download with %s', async (_, damage) => {
  const target = await fillCache();
  await damage(target);
  expect(await locateModel({ model, localModelPath, cacheDir })).toBeUndefined();
});

test('does not take a manifest that leaves out a file', async () => {
  const target = await fillCache();
  const manifest = JSON.parse(await readFile(path.join(target, 'manifest.json'), 'utf8')) as Manifest;
  delete manifest.files['tokenizer.json'];
  await writeManifest(target, manifest);
  expect(await locateModel({ model, localModelPath, cacheDir })).toBeUndefined();
});

test('refuses an id that is a path', async () => {
  const options = { model: { ...model, id: '../../etc' }, localModelPath, cacheDir };
  await expect(locateModel(options)).rejects.toThrow('a model id must be <org>/<name>');
});
