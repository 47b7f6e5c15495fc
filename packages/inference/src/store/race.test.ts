import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { downloadModel } from './download.ts';
import { cacheFolder } from './model.ts';
import type { DownloadReport } from './progress.ts';
import { noPatience, testFiles, untilOnDisk } from './test-files.ts';
import { startTestHub, type TestHub, type TestHubOptions } from './test-hub.ts';

/** Real processes with one cache. */
const model = { id: 'made/test', revision: 'main', dtype: 'fp32' } as const;
const weights = 'onnx/decoder_model_merged.onnx';
const tokenizer = 'tokenizer.json';
const files = testFiles('summarize', 'fp32');
let cacheDir: string;
let target: string;
let hub: TestHub | undefined;
const children: ChildProcess[] = [];

beforeEach(async () => {
  cacheDir = await mkdtemp(path.join(tmpdir(), 'slipway-race-'));
  target = cacheFolder(cacheDir, model);
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await hub?.close();
  await rm(cacheDir, { recursive: true });
});

const script = `
  const { downloadModel } = await import(${JSON.stringify(new URL('./download.ts', import.meta.url))});
  const onProgress = (_done, _total, progress) => process.send({ progress });
  const options = { ...JSON.parse(process.argv[1]), signal: new AbortController().signal, onProgress };
  process.send({ dir: await downloadModel(options) }, () => process.disconnect());
`;

interface Downloader {
  child: ChildProcess;
  /** The first report that fits. */
  report: (fits: (progress: DownloadReport) => boolean) => Promise<DownloadReport>;
  /** The folder that it ended with. */
  dir: Promise<string>;
}

function startDownloader(): Downloader {
  const options = JSON.stringify({ model, cacheDir, endpoint: hub?.endpoint });
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, options], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  children.push(child);
  const message = <T>(pick: (message: { progress?: DownloadReport; dir?: string }) => T | undefined) =>
    new Promise<T>((resolve) => {
      child.on('message', (sent) => {
        const picked = pick(sent as object);
        if (picked !== undefined) resolve(picked);
      });
    });
  return {
    child,
    report: (fits) => message(({ progress }) => (progress && fits(progress) ? progress : undefined)),
    dir: message(({ dir }) => dir),
  };
}

/** Sends the first bytes of a file once, and others at `goOn`; `held` resolves when they are on the disk. */
function holdOnce(file: string, bytes: number) {
  let goOn = (_rest: Buffer) => {};
  let hold: (() => void) | undefined;
  const held = new Promise<void>((resolve) => {
    hold = resolve;
  });
  const accident = (method: string, asked: string, response: ServerResponse): true | undefined => {
    if (method !== 'GET' || asked !== file || hold === undefined) return undefined;
    const content = files[file] as Buffer;
    const told = hold;
    hold = undefined;
    response.writeHead(200, { 'content-length': content.length, etag: '"held"' });
    response.write(content.subarray(0, bytes), () => void untilOnDisk(target, file, bytes).then(told));
    goOn = (rest) => response.end(rest);
    return true;
  };
  return { accident: accident satisfies TestHubOptions['accident'], held, goOn: (rest: Buffer) => goOn(rest) };
}

const beside = async () => (await readdir(path.dirname(target))).sort();
const gets = (file: string) =>
  hub?.requests.filter(({ server, method, path: asked }) => {
    return server === 'hub' && method === 'GET' && asked.endsWith(`/${file}`);
  }) ?? [];
async function expectWhole() {
  for (const [file, content] of Object.entries(files)) {
    expect((await readFile(path.join(target, file))).equals(content), file).toBe(true);
  }
  expect(await beside()).toEqual(['fp32']);
}

test('several processes, one cache: one downloads, all have the model', async () => {
  hub = await startTestHub({ files, id: model.id, revision: 'main', pieceBytes: 4_000 });
  const downloaders = [startDownloader(), startDownloader(), startDownloader()];
  expect(await Promise.all(downloaders.map(({ dir }) => dir))).toEqual([target, target, target]);
  for (const file of Object.keys(files)) expect(gets(file), file).toHaveLength(1);
  await expectWhole();
});

test('one is killed in the middle: the other tells how far it was, goes on from there, and nothing is left', async () => {
  const { accident, held } = holdOnce(weights, 200_000);
  hub = await startTestHub({ files, id: model.id, revision: 'main', accident });
  const first = startDownloader();
  await held;
  const second = startDownloader();
  const seen = await second.report(({ waitingFor }) => waitingFor === 'another-process');
  const bytesTotal = Object.values(files).reduce((sum, { length }) => sum + length, 0);
  expect(seen).toMatchObject({ bytesTotal, bytesDone: expect.any(Number) });
  expect(seen.bytesDone).toBeGreaterThanOrEqual(500_000);
  expect(seen.bytesDone).toBeLessThan(bytesTotal);
  expect(await beside()).toEqual(['.lock-fp32', expect.stringMatching(/^\.part-fp32-/)]);

  first.child.kill('SIGKILL');
  await once(first.child, 'exit');
  expect(await second.dir).toBe(target);
  expect(gets(weights).map(({ range, ifRange }) => ({ range, ifRange }))).toEqual([
    { range: undefined, ifRange: undefined },
    { range: 'bytes=200000-', ifRange: '"held"' },
  ]);
  expect(gets(tokenizer)).toHaveLength(1);
  await expectWhole();
});

test('a process that is killed leaves nothing that counts, and the next one goes on', async () => {
  const { accident, held } = holdOnce(tokenizer, 500);
  hub = await startTestHub({ files, id: model.id, revision: 'main', accident });
  const first = startDownloader();
  await held;
  first.child.kill('SIGKILL');
  await once(first.child, 'exit');
  expect(await beside()).toEqual(['.lock-fp32', expect.stringMatching(/^\.part-fp32-/)]);
  expect(await startDownloader().dir).toBe(target);
  expect(gets('config.json')).toHaveLength(1);
  await expectWhole();
});

test('one that is only believed dead spoils nothing when it goes on, and takes what the other has made', async () => {
  const { accident, held, goOn } = holdOnce(weights, 200_000);
  hub = await startTestHub({ files, id: model.id, revision: 'main', accident });
  const signal = new AbortController().signal;
  const options = { model, cacheDir, endpoint: hub.endpoint, token: undefined, signal, onProgress() {} };
  const first = downloadModel({ ...options, patience: noPatience({ heartbeatMs: 1e6 }) });
  await held;
  expect(await downloadModel({ ...options, patience: noPatience({ silentMs: 0 }) })).toBe(target);
  expect(gets(tokenizer)).toHaveLength(1);
  await expectWhole();
  goOn(Buffer.alloc(100_000, 'spoilt'));
  expect(await first).toBe(target);
  expect(gets(weights)).toHaveLength(2);
  await expectWhole();
});
