import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { boundCache } from './bound.ts';
import { cacheFolder } from './model.ts';
import { type ObtainOptions, obtainModel } from './obtain.ts';
import { noPatience, testFiles } from './test-files.ts';
import { startTestHub, type TestHub } from './test-hub.ts';
import { ModelUnavailableError, type WrongContentError } from './unavailable.ts';
import { verifyModel } from './verify.ts';

const model = { task: 'classify-text', id: 'made/test', revision: 'main', dtype: 'q8' } as const;
const weights = 'onnx/model_quantized.onnx';
const files = testFiles('classify-text', 'q8');
const signal = new AbortController().signal;
let dir: string;
let cacheDirs: [string, string];
let target: string;
let damaged: WrongContentError[];
let hub: TestHub;

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'slipway-obtain-'));
  cacheDirs = [path.join(dir, 'cache'), path.join(dir, 'spare')];
  target = cacheFolder(cacheDirs[0], model);
  damaged = [];
  hub = await startTestHub({ files, id: model.id, revision: 'main' });
});
afterEach(async () => {
  await hub.close();
  await rm(dir, { recursive: true });
});

function obtain(options: Partial<ObtainOptions> = {}) {
  return obtainModel({
    model,
    localModelPath: path.join(dir, 'local'),
    cacheDirs,
    endpoint: hub.endpoint,
    token: undefined,
    signal,
    onProgress() {},
    onDamaged: (error) => damaged.push(error),
    patience: noPatience(),
    ...options,
  });
}
/** One that was downloaded by a former process. */
async function fillCache(): Promise<void> {
  const { release } = await obtain();
  await release();
  hub.requests.length = 0;
}

test('downloads what is nowhere, and takes it from the cache from then on', async () => {
  expect(await obtain()).toMatchObject({ dir: target, source: 'hub' });
  const asked = hub.requests.length;
  expect(await obtain()).toMatchObject({ dir: target, source: 'cache' });
  expect(hub.requests.length).toBe(asked);
  expect(damaged).toEqual([]);
});

test("the operator's own comes first, and needs its files only", async () => {
  await fillCache();
  const local = path.join(dir, 'local', model.id);
  await cp(target, local, { recursive: true });
  await rm(path.join(local, 'manifest.json'));
  expect(await obtain()).toMatchObject({ dir: local, source: 'local' });
  await rm(path.join(local, weights));
  await expect(obtain()).rejects.toThrow(/has no onnx\/model_quantized\.onnx; .*CLASSIFY_TEXT_MODEL_DTYPE/);
});

test('one of the image comes before the cache, is asked for no more than any other, and stays as it is', async () => {
  await fillCache();
  const imageDir = path.join(dir, 'image');
  await cp(cacheDirs[0], imageDir, { recursive: true });
  const inImage = cacheFolder(imageDir, model);
  await chmod(inImage, 0o555);
  expect(await obtain({ imageDir, offline: true })).toMatchObject({ dir: inImage, source: 'image' });
  expect(await obtain({ imageDir: path.join(dir, 'none') })).toMatchObject({ dir: target, source: 'cache' });
  await truncate(path.join(inImage, weights), 299_999);
  expect(await obtain({ imageDir })).toMatchObject({ dir: target, source: 'cache' });
  expect(damaged).toHaveLength(1);
  await chmod(inImage, 0o755);
});

const flip = async (file: string) => {
  const content = await readFile(file);
  content.writeUInt8(content.readUInt8(100) ^ 1, 100);
  await writeFile(file, content);
};
const damages: [string, string, (file: string) => Promise<void>, RegExp][] = [
  ['cut weights', weights, (file) => truncate(file, 299_999), /has 299999 bytes instead of 300000/],
  ['a flipped bit in the weights', weights, flip, /does not have the SHA-256/],
  ['a flipped bit in a small file', 'tokenizer_config.json', flip, /does not have the SHA-256/],
  ['a lost file', 'config.json', (file) => rm(file), /is missing/],
  ['a cut manifest', 'manifest.json', (file) => truncate(file, 100), /is missing or damaged/],
];

test.each(damages)('%s: the file is named, and the model downloaded again', async (_, file, damage, message) => {
  await fillCache();
  await damage(path.join(target, file));
  await expect(verifyModel(model, target, signal)).rejects.toThrow(message);
  expect(await obtain()).toMatchObject({ dir: target, source: 'hub' });
  expect(damaged).toEqual([expect.objectContaining({ file, message: expect.stringMatching(message) })]);
  for (const [name, content] of Object.entries(files)) {
    expect((await readFile(path.join(target, name))).equals(content), name).toBe(true);
  }
  expect(await readdir(path.dirname(target))).toEqual(['q8']);
});

test.each(damages)('%s, offline: the file is named, and nothing is asked or removed', async (_, file, damage) => {
  await fillCache();
  await damage(path.join(target, file));
  const failing = obtain({ offline: true });
  await expect(failing).rejects.toBeInstanceOf(ModelUnavailableError);
  await expect(failing).rejects.toThrow(new RegExp(`^${file} .*, and this instance is offline; .*HF_HUB_OFFLINE`));
  expect(hub.requests).toEqual([]);
  expect(await readdir(path.dirname(target))).toEqual(['q8']);
});

test('offline: what is in the cache is taken, and what is nowhere is told', async () => {
  await expect(obtain({ offline: true })).rejects.toThrow(/^it is not in the cache, and this instance is offline; /);
  expect(hub.requests).toEqual([]);
  await fillCache();
  expect(await obtain({ offline: true })).toMatchObject({ source: 'cache' });
});

test('a damaged model does not hide a whole one in the next folder', async () => {
  await fillCache();
  await cp(cacheDirs[0], cacheDirs[1], { recursive: true });
  await flip(path.join(target, weights));
  expect(await obtain()).toMatchObject({ dir: cacheFolder(cacheDirs[1], model), source: 'cache' });
  expect(damaged).toHaveLength(1);
  expect(hub.requests).toEqual([]);
});

test('point 15: downloads to the first folder that can be written', async () => {
  await writeFile(cacheDirs[0], 'a file where the folder should be');
  expect(await obtain()).toMatchObject({ dir: cacheFolder(cacheDirs[1], model) });
  await mkdir(path.join(dir, 'third'));
  const failing = obtain({ cacheDirs: [cacheDirs[0]] });
  await expect(failing).rejects.toThrow(/cache can't be written \((ENOTDIR|EEXIST)\); set HF_HOME/);
});

test('is in use until it is released', async () => {
  const { release } = await obtain();
  expect(await boundCache(cacheDirs[0], 0, [])).toMatchObject({ removed: [] });
  await release();
  expect(await boundCache(cacheDirs[0], 0, [])).toMatchObject({ removed: [target], bytes: 0 });
});

test('an abort ends the check with its reason', async () => {
  await fillCache();
  await expect(obtain({ signal: AbortSignal.abort(new Error('stop')) })).rejects.toThrow('stop');
  expect(damaged).toEqual([]);
});

test('refuses an id that is a path', async () => {
  await expect(obtain({ model: { ...model, id: '../../etc' } })).rejects.toThrow('a model id must be <org>/<name>');
});
