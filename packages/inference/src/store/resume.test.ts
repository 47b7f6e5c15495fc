import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type DownloadOptions, downloadModel } from './download.ts';
import { cacheFolder } from './model.ts';
import type { PartState } from './part-folder.ts';
import { noPatience, testFiles, untilOnDisk } from './test-files.ts';
import { startTestHub, type TestHub, type TestHubOptions, testCommit } from './test-hub.ts';

const model = { id: 'made/test', revision: 'main', dtype: 'fp32' } as const;
const encoder = 'onnx/encoder_model.onnx';
const decoder = 'onnx/decoder_model_merged.onnx';
const tokenizer = 'tokenizer.json';
const files = testFiles('summarize', 'fp32');
const half = 150_000;
let cacheDir: string;
let target: string;
let hub: TestHub | undefined;

beforeEach(async () => {
  cacheDir = await mkdtemp(path.join(tmpdir(), 'slipway-resume-'));
  target = cacheFolder(cacheDir, model);
});
afterEach(async () => {
  await hub?.close();
  hub = undefined;
  await rm(cacheDir, { recursive: true });
});

/** Starts a hub; its cuts come when what was sent is on the disk. */
async function start(server: Partial<TestHubOptions> = {}) {
  await hub?.close();
  const cutAfter = structuredClone(server.cuts);
  const beforeCut = (file: string) => untilOnDisk(target, file, cutAfter?.[file]?.[0] ?? 0);
  hub = await startTestHub({ files, id: model.id, revision: 'main', beforeCut, ...server });
}

function download(options: Partial<DownloadOptions> = {}): Promise<string> {
  const signal = new AbortController().signal;
  const endpoint = hub?.endpoint ?? '';
  const patience = noPatience();
  return downloadModel({ model, cacheDir, endpoint, token: undefined, signal, patience, onProgress() {}, ...options });
}

/** A first call that ends early: every file before the decoder is whole, of that one there is half. */
async function breakOff(server: Partial<TestHubOptions> = {}) {
  await start({ cuts: { [decoder]: [half] }, ...server });
  await expect(download({ patience: noPatience({ pausesMs: [] }) })).rejects.toThrow(/broke off/);
}

const beside = () => readdir(path.dirname(target));
async function partFolder(): Promise<string> {
  const [name = ''] = await beside();
  expect(name).toMatch(/^\.part-fp32-[0-9a-f]{8}$/);
  return path.join(path.dirname(target), name);
}
/** The requests for content, as the server that sends it sees them. */
const fetched = (file: string) =>
  hub?.requests
    .filter(({ method, path: asked, server }) => {
      return method === 'GET' && (server === 'store' ? asked === `/${file}` : asked.endsWith(`/${file}`));
    })
    .filter(({ server }) => server === (file.endsWith('.onnx') ? 'store' : 'hub'))
    .map(({ range, ifRange }) => ({ range, ifRange })) ?? [];
async function expectWhole() {
  for (const [file, content] of Object.entries(files)) {
    expect((await readFile(path.join(target, file))).equals(content), file).toBe(true);
  }
  expect(await beside()).toEqual(['fp32']);
  expect((await readdir(target)).sort()).toEqual([
    'config.json',
    'generation_config.json',
    'manifest.json',
    'onnx',
    tokenizer,
    'tokenizer_config.json',
  ]);
}

test('a cut connection is taken up where it broke, after a pause that grows', async () => {
  const patience = noPatience();
  await start({ cuts: { [decoder]: [half, 100_000] }, beforeCut: (file) => untilOnDisk(target, file, half) });
  await download({ patience });
  const [first, second, third] = fetched(decoder);
  expect(first).toEqual({ range: undefined, ifRange: undefined });
  expect(second).toEqual({ range: `bytes=${half}-`, ifRange: expect.stringMatching(/^"[0-9a-f]{32}"$/) });
  expect(third?.range).toMatch(/^bytes=\d{6}-$/);
  expect(patience.slept).toEqual(patience.pausesMs);
  await expectWhole();
});

test('so is one that can not be made again at once', async () => {
  let asked = 0;
  const away: TestHubOptions['accident'] = (method, file, response) => {
    if (method !== 'GET' || file !== tokenizer) return undefined;
    asked += 1;
    if (asked !== 2) return undefined;
    response.destroy();
    return true;
  };
  await start({ accident: away, cuts: { [tokenizer]: [500] } });
  await download();
  expect(fetched(tokenizer).map(({ range }) => range)).toEqual([undefined, 'bytes=500-', 'bytes=500-']);
  await expectWhole();
});

test('after three tries it is given up, and the next call goes on from there', async () => {
  await start({ cuts: { [tokenizer]: [300, 300, 300] } });
  await expect(download()).rejects.toThrow(/broke off/);
  expect(fetched(tokenizer)).toHaveLength(3);
  expect(await beside()).toHaveLength(1);
  await download();
  expect(fetched(tokenizer).at(-1)?.range).toMatch(/^bytes=\d+-$/);
  expect(fetched('config.json')).toHaveLength(1);
  await expectWhole();
});

test('what a former call has brought is counted and not asked for again', async () => {
  await breakOff();
  const reports: number[] = [];
  const before = hub?.requests.length;
  await download({ onProgress: (done) => reports.push(done) });
  const gets = hub?.requests.slice(before).filter(({ method, server }) => method === 'GET' && server === 'hub');
  expect(gets?.map(({ path: asked, range }) => [asked, range])).toEqual([
    [`/made/test/resolve/${testCommit}/${decoder}`, `bytes=${half}-`],
    [`/made/test/resolve/${testCommit}/generation_config.json`, undefined],
  ]);
  expect(reports.at(-1)).toBe(Object.values(files).reduce((sum, { length }) => sum + length, 0));
  await expectWhole();
});

test('an abort keeps what has come', async () => {
  await start();
  const controller = new AbortController();
  const onProgress = (done: number) => done > 450_000 && controller.abort(new Error('stop'));
  await expect(download({ signal: controller.signal, onProgress })).rejects.toThrow('stop');
  await partFolder();
  await download();
  expect(fetched(encoder)).toHaveLength(1);
  await expectWhole();
});

test('another content under the same name is fetched from its start', async () => {
  await breakOff();
  const changed = Buffer.alloc(300_000, 'changed');
  await start({ files: { ...files, [decoder]: changed } });
  await download();
  expect(fetched(decoder)).toHaveLength(1);
  expect((await readFile(path.join(target, decoder))).equals(changed)).toBe(true);
});

test('what was kept of another commit is thrown away', async () => {
  await breakOff();
  const state = JSON.parse(await readFile(path.join(await partFolder(), 'part.json'), 'utf8')) as PartState;
  await writeFile(path.join(await partFolder(), 'part.json'), JSON.stringify({ ...state, commit: 'b'.repeat(40) }));
  await download();
  expect(fetched(encoder)).toHaveLength(2);
  await expectWhole();
});

test.each([
  ['broken', (part: string) => writeFile(path.join(part, decoder), Buffer.alloc(half))],
  ['longer than the whole', (part: string) => writeFile(path.join(part, decoder), Buffer.alloc(400_000))],
  ['altered where it was whole', (part: string) => writeFile(path.join(part, encoder), Buffer.alloc(300_000))],
  ['cut where it was whole', (part: string) => truncate(path.join(part, tokenizer), 100)],
  ['without its notes', (part: string) => rm(path.join(part, 'part.json'))],
])('what was kept is checked: %s', async (_, damage) => {
  await breakOff();
  await damage(await partFolder());
  await download();
  await expectWhole();
});

test('a mirror without ranges sends everything again', async () => {
  await breakOff({ plain: true });
  const done: number[] = [];
  await download({ onProgress: (bytes) => done.push(bytes) });
  expect(done.at(-1)).toBe(Object.values(files).reduce((sum, { length }) => sum + length, 0));
  expect(fetched(decoder).at(-1)).toEqual({ range: `bytes=${half}-`, ifRange: undefined });
  await expectWhole();
});

/** Answers the first request for the tokenizer's content. */
function answerOnce(answer: (response: ServerResponse, content: Buffer) => void): TestHubOptions['accident'] {
  let answered = false;
  return (method, file, response) => {
    if (method !== 'GET' || file !== tokenizer || answered) return undefined;
    answered = true;
    answer(response, files[tokenizer] as Buffer);
    return true;
  };
}

test('a weak ETag vouches for nothing: a small file begins again', async () => {
  const weak = answerOnce((response, content) => {
    response.writeHead(200, { 'content-length': content.length, etag: 'W/"x"' });
    response.write(content.subarray(0, 500), () => {
      void untilOnDisk(target, tokenizer, 500).then(() => response.destroy());
    });
  });
  await start({ accident: weak });
  await download();
  expect(fetched(tokenizer).map(({ range }) => range)).toEqual([undefined, undefined]);
  await expectWhole();
});

test('an answer that ends early without an error is a cut', async () => {
  const short = answerOnce((response, content) => {
    response.writeHead(200, { etag: '"x"' }).end(content.subarray(0, 500));
  });
  await start({ accident: short });
  await download();
  expect(fetched(tokenizer).map(({ range }) => range)).toEqual([undefined, 'bytes=500-']);
  await expectWhole();
});

test('another part than was asked for is not taken', async () => {
  await start({ cuts: { [tokenizer]: [500] } });
  await expect(download({ patience: noPatience({ pausesMs: [] }) })).rejects.toThrow(/broke off/);
  const elsewhere = answerOnce((response, content) => {
    const range = `bytes 501-${content.length - 1}/${content.length}`;
    response.writeHead(206, { 'content-range': range }).end(content.subarray(501));
  });
  await start({ accident: elsewhere });
  await download();
  expect(fetched(tokenizer).map(({ range }) => range)).toEqual(['bytes=500-', undefined]);
  await expectWhole();
});

test('a hub that names no commit may have moved on: small files are fetched again', async () => {
  const nameless: TestHubOptions['accident'] = (_method, _file, response) => {
    response.setHeader = new Proxy(response.setHeader, {
      apply: (set, self, [name, value]) => (name === 'x-repo-commit' ? self : Reflect.apply(set, self, [name, value])),
    });
    return undefined;
  };
  await breakOff({ accident: nameless });
  await download();
  expect([fetched('config.json').length, fetched(encoder).length]).toEqual([2, 1]);
  await expectWhole();
});

test('a hub that is busy gets the pause that it asks for, and is given up where that is too long', async () => {
  const answers: Record<string, string>[] = [{ 'retry-after': '7' }, { ratelimit: '"resolvers";r=0;t=55' }];
  const busy: TestHubOptions['accident'] = (method, file, response) => {
    const headers = method === 'GET' && file === tokenizer ? answers.shift() : undefined;
    if (headers === undefined) return undefined;
    response.writeHead(429, headers).end();
    return true;
  };
  const patience = noPatience();
  const waits: unknown[] = [];
  await start({ accident: busy });
  await download({ patience, onProgress: (_done, _total, { waitingFor }) => waits.push(waitingFor) });
  expect(patience.slept).toEqual([7_000, 55_000]);
  expect(waits.filter((wait) => wait === 'hub')).toHaveLength(2);

  await rm(target, { recursive: true });
  answers.push({ 'retry-after': '301' });
  const impatient = noPatience();
  await expect(download({ patience: impatient })).rejects.toThrow(/answered 429 for tokenizer\.json; .*HF_TOKEN/);
  expect(impatient.slept).toEqual([]);
});

test('a hub in trouble is asked three times', async () => {
  let asked = 0;
  const trouble: TestHubOptions['accident'] = (_method, _file, response) => {
    asked += 1;
    response.writeHead(503).end();
    return true;
  };
  await start({ accident: trouble });
  await expect(download()).rejects.toThrow(/answered 503/);
  expect(asked).toBe(3);
});

test('a slow body is a body', async () => {
  await start({ pieceBytes: 4_000 });
  await download();
  await expectWhole();
});
