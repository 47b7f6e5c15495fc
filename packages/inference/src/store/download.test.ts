import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { makeModels } from '@slipway/models/make';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type DownloadOptions, downloadModel } from './download.ts';
import { seq2seqFiles } from './files.ts';
import { locateModel } from './locate.ts';
import type { Manifest } from './manifest.ts';
import { cacheFolder } from './model.ts';
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
  await makeModels(dir);
  const { required, optional } = seq2seqFiles('fp32');
  files = {};
  for (const file of [...required, ...optional]) files[file] = await readFile(path.join(dir, model.id, file));
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
  return { model, cacheDir, endpoint, token: undefined, signal, onProgress: () => {} };
}

const located = () => locateModel({ model, localModelPath: undefined, cacheDir });
/** What lies beside the target: nothing but it may be left. */
const beside = () => readdir(path.dirname(target)).catch(() => []);

test('downloads a model that locate finds', async () => {
  expect(await download()).toBe(target);
  expect(await located()).toEqual({ dir: target, source: 'cache' });
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

test('takes every file from the commit that the first was found in', async () => {
  await download();
  const [first, ...others] = hub?.requests.filter(({ server }) => server === 'hub') ?? [];
  expect(first?.path).toBe('/made/copier/resolve/main/config.json');
  for (const { path: asked } of others) expect(asked).toContain(`/resolve/${testCommit}/`);
});

test('an optional file may be missing', async () => {
  delete files['generation_config.json'];
  await download();
  expect(await located()).toBeDefined();
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

test('a connection that is cut leaves nothing behind', async () => {
  const cut: TestHubOptions['accident'] = (method, file, response) => {
    if (method === 'HEAD' || file !== 'tokenizer.json') return undefined;
    const content = files[file] as Buffer;
    response.writeHead(200, { 'content-length': content.length });
    response.write(content.subarray(0, 100), () => response.destroy());
    return true;
  };
  await expect(download({ accident: cut })).rejects.toThrow(/broke off/);
  expect(await beside()).toEqual([]);
  expect(await located()).toBeUndefined();
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
  expect(await beside()).toEqual([]);
});

test('a download that is killed leaves nothing that counts, and the next one clears it away', async () => {
  let child: ChildProcess | undefined;
  const stall: TestHubOptions['accident'] = (method, file, response) => {
    if (method === 'HEAD' || file !== 'tokenizer.json' || child === undefined) return undefined;
    response.writeHead(200, { 'content-length': 5000 });
    response.write('half', () => child?.kill('SIGKILL'));
    return true;
  };
  hub = await startTestHub({ files, id: model.id, revision: 'main', accident: stall });
  const options = { ...downloadOptions(hub.endpoint), signal: undefined };
  const script = `
    const { downloadModel } = await import(${JSON.stringify(new URL('./download.ts', import.meta.url))});
    const options = JSON.parse(process.argv[1]);
    await downloadModel({ ...options, signal: new AbortController().signal, onProgress() {} });
  `;
  child = spawn(process.execPath, ['--input-type=module', '-e', script, JSON.stringify(options)], { stdio: 'inherit' });
  const [, signal] = await once(child, 'exit');
  child = undefined;
  expect(signal).toBe('SIGKILL');
  expect(await located()).toBeUndefined();
  expect(await beside()).toEqual([expect.stringMatching(/^\.part-/)]);

  await downloadModel(downloadOptions(hub.endpoint));
  expect(await located()).toBeDefined();
  expect(await beside()).toEqual(['fp32']);
});

test('two downloads at once end with one folder', async () => {
  hub = await startTestHub({ files, id: model.id, revision: 'main' });
  const options = downloadOptions(hub.endpoint);
  expect(await Promise.all([downloadModel(options), downloadModel(options)])).toEqual([target, target]);
  expect(await beside()).toEqual(['fp32']);
  expect(await located()).toBeDefined();
});

test('a download that another one overtakes leaves it alone, and takes its folder', async () => {
  let overtaken = false;
  let winner: bigint | undefined;
  const overtake: TestHubOptions['accident'] = (method, file, response) => {
    if (method === 'HEAD' || file !== 'tokenizer.json' || overtaken) return undefined;
    overtaken = true;
    void downloadModel(downloadOptions(hub?.endpoint ?? '')).then(async () => {
      expect(await beside()).toEqual([expect.stringMatching(/^\.part-/), 'fp32']);
      winner = (await stat(target, { bigint: true })).ino;
      response.end(files[file]);
    });
    return true;
  };
  expect(await download({ accident: overtake })).toBe(target);
  expect((await stat(target, { bigint: true })).ino).toBe(winner);
  expect(await beside()).toEqual(['fp32']);
});

test('replaces a folder that is not complete', async () => {
  await mkdir(target, { recursive: true });
  await writeFile(path.join(target, 'config.json'), 'half');
  await download();
  expect(await located()).toBeDefined();
});

test('removes what a killed process left, and leaves alone what another is filling', async () => {
  const parent = path.dirname(target);
  const sameHost = `.part-${process.pid}-00000000-${hostname()}`;
  const alive = `.part-${process.ppid}-00000000-${hostname()}`;
  const otherHost = '.part-1-00000000-elsewhere';
  const otherHostOld = '.part-1-11111111-elsewhere';
  const unrelated = 'q8';
  for (const name of [sameHost, alive, otherHost, otherHostOld, unrelated]) {
    await mkdir(path.join(parent, name), { recursive: true });
  }
  const longAgo = new Date(Date.now() - 3_600_000);
  await utimes(path.join(parent, otherHostOld), longAgo, longAgo);
  await download();
  expect(await beside()).toEqual([otherHost, alive, 'fp32', unrelated].sort());
});

test('refuses an id that is a path', async () => {
  await expect(download({}, { model: { ...model, id: '../../etc' } })).rejects.toThrow(
    'a model id must be <org>/<name>',
  );
  expect(hub?.requests).toEqual([]);
});
