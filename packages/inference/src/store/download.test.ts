import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type DownloadOptions, downloadModel } from './download.ts';
import { isComplete, type Manifest } from './manifest.ts';
import { cacheFolder, filesOf, type ModelRef } from './model.ts';
import { noPatience, testFiles } from './test-files.ts';
import { startTestHub, type TestHub, type TestHubOptions, testCommit } from './test-hub.ts';
import { ModelUnavailableError } from './unavailable.ts';

const model = { id: 'made/copier', revision: 'main', dtype: 'fp32' } as const;
const weights = 'onnx/decoder_model_merged.onnx';
let dir: string;
let cacheDir: string;
let target: string;
let files: Record<string, Buffer>;
let hub: TestHub | undefined;

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'slipway-download-'));
  cacheDir = path.join(dir, 'cache');
  target = cacheFolder(cacheDir, model);
  files = testFiles('summarize', 'fp32');
});
afterEach(async () => {
  await hub?.close();
  hub = undefined;
  await rm(dir, { recursive: true });
});

/** Starts a hub and downloads from it. */
async function download(server: Partial<TestHubOptions> = {}, options: Partial<DownloadOptions> = {}): Promise<string> {
  hub = await startTestHub({ files, id: model.id, revision: 'main', ...server });
  return downloadModel({ ...downloadOptions(hub.endpoint), ...options });
}

function downloadOptions(endpoint: string): DownloadOptions {
  const signal = new AbortController().signal;
  return { model, cacheDir, endpoint, token: undefined, signal, onProgress: () => {}, patience: noPatience() };
}

const complete = (of: ModelRef = model) => isComplete(cacheFolder(cacheDir, of), filesOf(of).required);
/** What lies beside the target: nothing but it may be left. */
const beside = () => readdir(path.dirname(target)).catch(() => []);

test('downloads a model', async () => {
  expect(await download()).toBe(target);
  expect(await complete()).toBe(true);
  for (const [file, content] of Object.entries(files)) {
    expect(await readFile(path.join(target, file))).toEqual(content);
  }
  const manifest = JSON.parse(await readFile(path.join(target, 'manifest.json'), 'utf8')) as Manifest;
  expect(manifest).toMatchObject({ ...model, commit: testCommit });
  expect(Object.keys(manifest.files).sort()).toEqual(Object.keys(files).sort());
  expect(manifest.files[weights]?.sha256).toMatch(/^[0-9a-f]{64}$/);
  expect(await beside()).toEqual(['fp32']);
});

test('tells how many bytes are done, of how many', async () => {
  const reports: [number, number][] = [];
  await download({}, { onProgress: (done, total) => reports.push([done, total]) });
  const total = Object.values(files).reduce((bytes, { length }) => bytes + length, 0);
  expect(reports[0]).toEqual([0, total]);
  expect(reports.at(-1)).toEqual([total, total]);
  expect(reports.map(([done]) => done)).toEqual(reports.map(([done]) => done).toSorted((a, b) => a - b));
});

test('takes the files of the task, and data beside the weights as long as there is more', async () => {
  const chat = { ...model, task: 'chat', dtype: 'q4' } as const;
  files = testFiles('chat', 'q4', 1000);
  delete files['chat_template.jinja'];
  for (const end of ['', '_1', '_2', '_4']) files[`onnx/model_q4.onnx_data${end}`] = Buffer.from(`more${end}`);
  const folder = await download({}, { model: chat });
  const manifest = JSON.parse(await readFile(path.join(folder, 'manifest.json'), 'utf8')) as Manifest;
  expect(Object.keys(manifest.files)).toEqual([
    'config.json',
    'tokenizer.json',
    'tokenizer_config.json',
    'onnx/model_q4.onnx',
    'generation_config.json',
    'onnx/model_q4.onnx_data',
    'onnx/model_q4.onnx_data_1',
    'onnx/model_q4.onnx_data_2',
  ]);
  expect(await readFile(path.join(folder, 'onnx/model_q4.onnx_data_2'), 'utf8')).toBe('more_2');
});

test('takes every file from the commit that the first was found in', async () => {
  await download();
  const [first, ...others] = hub?.requests.filter(({ server }) => server === 'hub') ?? [];
  expect(first?.path).toBe('/made/copier/resolve/main/config.json');
  for (const { path: asked } of others) expect(asked).toContain(`/resolve/${testCommit}/`);
});

test('an optional file may be missing', async () => {
  delete files['generation_config.json'];
  await download();
  expect(await complete()).toBe(true);
});

test('the token goes to the hub and not to where it redirects', async () => {
  await download({ token: 'hf_secret' }, { token: 'hf_secret' });
  const from = (server: string) => hub?.requests.filter((request) => request.server === server) ?? [];
  expect(from('store')).toHaveLength(2);
  expect(new Set(from('hub').map(({ authorization }) => authorization))).toEqual(new Set(['Bearer hf_secret']));
  expect(new Set(from('store').map(({ authorization }) => authorization))).toEqual(new Set([undefined]));
});

test('follows a model to its new name', async () => {
  const former = { ...model, id: 'made/former' };
  const folder = await download({ formerId: former.id }, { model: former });
  expect(folder).toBe(cacheFolder(cacheDir, former));
  const manifest = JSON.parse(await readFile(path.join(folder, 'manifest.json'), 'utf8')) as Manifest;
  expect(manifest).toMatchObject({ id: 'made/former', commit: testCommit });
});

test.each([
  ['a wrong token', { token: 'right' }, { token: 'hf_wrong' }, /answered 401.*HF_TOKEN/],
  ['a closed model', { accident: answerWith(403) }, {}, /answered 403.*HF_TOKEN/],
  [
    'an unknown model',
    {},
    { model: { ...model, id: 'made/other' } },
    /no config\.json of made\/other at main; check SUMMARIZE_MODEL,/,
  ],
  ['an unknown revision', {}, { model: { ...model, revision: 'v9' } }, /at v9; .*SUMMARIZE_MODEL_REVISION/],
  [
    'an unknown format',
    {},
    { model: { ...model, dtype: 'q4' } },
    /no onnx\/encoder_model_q4\.onnx.*SUMMARIZE_MODEL_DTYPE/,
  ],
  [
    'the model of another task',
    {},
    { model: { ...model, task: 'classify-image' } },
    /no preprocessor_config\.json.*check CLASSIFY_IMAGE_MODEL, CLASSIFY_IMAGE_MODEL_REVISION/,
  ],
  ['a hub in trouble', { accident: answerWith(503) }, {}, /answered 503.*LOCAL_MODEL_PATH or HF_ENDPOINT/],
] satisfies [string, Partial<TestHubOptions>, Partial<DownloadOptions>, RegExp][])(
  'says what to change: %s',
  async (_, server, options, message) => {
    const error = await download(server, options).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ModelUnavailableError);
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message).not.toContain('hf_wrong');
    expect(await beside()).toEqual([]);
  },
);

function answerWith(status: number): TestHubOptions['accident'] {
  return (_method, _file, response) => {
    response.writeHead(status).end();
    return true;
  };
}

test('says what to change: no hub', async () => {
  const gone = await startTestHub({ files, id: model.id, revision: 'main' });
  await gone.close();
  const failing = downloadModel(downloadOptions(gone.endpoint));
  await expect(failing).rejects.toThrow(
    /can't be reached or broke off \(ECONNREFUSED\); set LOCAL_MODEL_PATH or HF_ENDPOINT/,
  );
  await expect(failing).rejects.toBeInstanceOf(ModelUnavailableError);
});

test('says what to change: no place to write', async () => {
  await writeFile(cacheDir, 'a file where the folder should be');
  await expect(download()).rejects.toThrow(/can't be written \((ENOTDIR|EEXIST)\); set HF_HOME/);
});

test.each([
  ['config.json', (content: Buffer) => content.subarray(1), /config\.json has \d+ bytes instead of \d+/],
  [weights, (content: Buffer) => content.subarray(1), /decoder_model_merged\.onnx has \d+ bytes instead of \d+/],
  [weights, (content: Buffer) => Buffer.alloc(content.length), /does not have the SHA-256/],
])('refuses other content than was announced for %s', async (file, swap, message) => {
  await expect(download({ swapped: { [file]: swap(files[file] as Buffer) } })).rejects.toThrow(message);
  expect(await beside()).toEqual([]);
});

test('an abort ends a download with its reason', async () => {
  const controller = new AbortController();
  const stopping = new Error('the process stops');
  const onProgress = (done: number) => {
    if (done > 0) controller.abort(stopping);
  };
  await expect(download({}, { signal: controller.signal, onProgress })).rejects.toBe(stopping);
  expect(await complete()).toBe(false);
  expect((await beside()).filter((name) => !name.startsWith('.part-'))).toEqual([]);
});

test('two downloads at once end with one folder, and everything is fetched once', async () => {
  hub = await startTestHub({ files, id: model.id, revision: 'main' });
  const options = downloadOptions(hub.endpoint);
  expect(await Promise.all([downloadModel(options), downloadModel(options)])).toEqual([target, target]);
  expect(await beside()).toEqual(['fp32']);
  expect(await complete()).toBe(true);
  const fetched = hub.requests.filter(({ server, method }) => server === 'hub' && method === 'GET');
  expect(fetched).toHaveLength(Object.keys(files).length);
});

test('replaces a folder that is not complete', async () => {
  await mkdir(target, { recursive: true });
  await writeFile(path.join(target, 'config.json'), 'half');
  await download();
  expect(await complete()).toBe(true);
});

test.each([
  ['a cut file', (content: Buffer) => content.subarray(1)],
  ['a flipped bit', (content: Buffer) => Buffer.concat([Buffer.from([1]), content.subarray(1)])],
])('replaces a model with %s', async (_, damage) => {
  await download();
  await writeFile(path.join(target, weights), damage(files[weights] as Buffer));
  await downloadModel(downloadOptions(hub?.endpoint ?? ''));
  expect(await readFile(path.join(target, weights))).toEqual(files[weights]);
  expect(await beside()).toEqual(['fp32']);
});

test('ends a removal that a killed process had begun', async () => {
  await mkdir(path.join(path.dirname(target), '.gone-00000000/onnx'), { recursive: true });
  await download();
  expect(await beside()).toEqual(['fp32']);
});

test('a model that is there and whole is not asked for', async () => {
  await download();
  const asked = hub?.requests.length;
  await downloadModel(downloadOptions(hub?.endpoint ?? ''));
  expect(hub?.requests.length).toBe(asked);
});

test('offline nothing is asked, and the error says so', async () => {
  await expect(download({}, { offline: true })).rejects.toThrow(/offline; .*LOCAL_MODEL_PATH.*HF_HUB_OFFLINE/);
  expect(hub?.requests).toEqual([]);
});

test('does not begin what the disk has no room for', async () => {
  const huge: TestHubOptions['accident'] = (method, file, response) => {
    if (method !== 'HEAD' || file !== weights) return undefined;
    response.writeHead(302, { location: '/elsewhere', 'x-linked-size': 1e17 }).end();
    return true;
  };
  await expect(download({ accident: huge })).rejects.toThrow(
    /100000000001 MB are to come.*has room for \d+ MB; set HF_HOME/,
  );
  expect(hub?.requests.some(({ method }) => method === 'GET')).toBe(false);
  expect(await beside()).toEqual([]);
});

test('the models that were not used for longest make room, and those to keep do not', async () => {
  const bound = (maxBytes: number, keep: string[] = []) => ({ bound: { maxBytes, keep } });
  hub = await startTestHub({ files, id: model.id, revision: 'main' });
  const options = downloadOptions(hub.endpoint);
  const bytes = Object.values(files).reduce((sum, { length }) => sum + length, 0);
  await downloadModel(options);
  const other = { ...model, revision: testCommit };
  const failing = downloadModel({ ...options, model: other, ...bound(1.5 * bytes, [target]) });
  await expect(failing).rejects.toThrow(/1 MB do not fit into a cache of 1 MB; raise MODEL_CACHE_MAX_BYTES/);
  expect(await complete()).toBe(true);
  await downloadModel({ ...options, model: other, ...bound(1.5 * bytes) });
  expect(await complete()).toBe(false);
  expect(await complete(other)).toBe(true);
});

test('refuses an id that is a path', async () => {
  await expect(download({}, { model: { ...model, id: '../../etc' } })).rejects.toThrow(
    'a model id must be <org>/<name>',
  );
  expect(hub?.requests).toEqual([]);
});
