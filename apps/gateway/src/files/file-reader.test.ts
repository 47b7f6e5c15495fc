import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { CodedError } from '@slipway/contract/problems';
import { maxAvifPixels } from '@slipway/files/images/decode';
import { createLog, type Log } from '@slipway/runtime/log';
import sharp from 'sharp';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { createFileReader, type FileReader, type FileReaderOptions } from './file-reader.ts';

const MiB = 1024 ** 2;
const dir = mkdtempSync(path.join(tmpdir(), 'slipway-files-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Where the fake's processes report: they stay connected until they end. */
const gate = createServer();
const gatePath = path.join(dir, 'gate.sock');
await new Promise<void>((resolve) => gate.listen(gatePath, resolve));
afterAll(() => gate.close());

let reports: Socket[];
let wake: () => void;
beforeEach(() => {
  reports = [];
  wake = () => {};
  gate.removeAllListeners('connection').on('connection', (socket) => {
    socket.on('error', () => {});
    reports.push(socket);
    wake();
  });
});
async function reported(count: number): Promise<void> {
  while (reports.length < count) await new Promise<void>((resolve) => (wake = resolve));
}
/** The process behind the report is gone. */
async function gone(socket: Socket | undefined): Promise<void> {
  if (socket && !socket.closed) await once(socket.resume(), 'close');
}

let reader: FileReader;
afterEach(() => reader.close());
let lines: object[];
function open(options: Partial<FileReaderOptions> = {}): void {
  lines = [];
  const keep = (line: object, message: string) => lines.push({ ...line, message });
  const log = { warn: keep, error: keep } as unknown as Log;
  const entry = path.join(import.meta.dirname, 'fake-child.ts');
  reader = createFileReader({ log, entry, ...options });
}

const content = 'a secret';
const read = (name: string, signal?: AbortSignal) => reader.readDocument({ bytes: Buffer.from(content), name }, signal);
const told = async (text: Promise<string>) => JSON.parse(await text);
const refusal = (reading: Promise<unknown>): Promise<CodedError> =>
  reading.then(
    () => expect.unreachable('it was read'),
    (error) => error,
  );

test('bytes and type come through; the process knows no environment, has a bounded heap, and is used again', async () => {
  open({ maxRssBytes: 512 * MiB });
  const file = { bytes: Uint8Array.from([1, 2, 255]), type: 'text/x' };
  const first = JSON.parse(await reader.readDocument(file));
  const second = read('tell'); // at once: the process must be free by then
  expect(first).toMatchObject({ sum: 258, type: 'text/x' });
  expect(Object.keys(first.env).filter((name) => !name.startsWith('NODE_CHANNEL_'))).toEqual([]);
  expect(first.heapMiB).toBeLessThan(600);
  expect((await told(second)).pid).toBe(first.pid);
});

test('files are read two at once, further ones after them', async () => {
  open();
  const all = [1, 2, 3].map(() => told(read(`hold ${gatePath}`)));
  await reported(2);
  reports[0]?.write('go on');
  await reported(3);
  for (const socket of reports.slice(1)) socket.write('go on');
  const pids = (await Promise.all(all)).map(({ pid }) => pid);
  expect(new Set(pids).size).toBe(2);
});

test('what is more than may wait is refused at once', async () => {
  open({ processes: 1, maxWaiting: 1 });
  const first = read(`hold ${gatePath}`);
  const second = read('tell');
  expect(await refusal(read('tell'))).toMatchObject({ code: 'too_many_uploads', retryAfterSeconds: 20 });
  await reported(1);
  reports[0]?.write('go on');
  await Promise.all([first, second]);
});

test('a wait that is too long is refused, and its place is free', async () => {
  open({ processes: 1, maxWaiting: 1, waitMs: 1 });
  const first = read(`hold ${gatePath}`);
  for (let i = 0; i < 2; i += 1)
    expect(await refusal(read('tell'))).toMatchObject({
      code: 'too_many_uploads',
      message: 'Too many files wait to be read. Nothing was submitted; try again in 20 s.',
      retryAfterSeconds: 20,
    });
  await reported(1);
  reports[0]?.write('go on'); // what is read has no place in the line, and is read on
  await first;
});

test('a caller who goes leaves the line', async () => {
  open({ processes: 1, maxWaiting: 1 });
  const caller = new AbortController();
  const first = read(`hold ${gatePath}`);
  const second = refusal(read('tell', caller.signal));
  caller.abort();
  expect(await second).toMatchObject({ code: 'invalid_request' });
  const third = read('tell');
  await reported(1);
  reports[0]?.write('go on');
  await Promise.all([first, third]);
});

test('what is read for a caller who goes is killed, and the next one read', async () => {
  open({ processes: 1 });
  const caller = new AbortController();
  const first = refusal(reader.checkImage(Buffer.from(`spin ${gatePath}`), '/file', caller.signal));
  const second = told(read('tell'));
  await reported(1);
  caller.abort();
  expect(await first).toMatchObject({ code: 'invalid_request' });
  await gone(reports[0]);
  expect(await second).toHaveProperty('pid');
});

test('nothing is read for a caller who has gone already', async () => {
  open({ entry: path.join(dir, 'nowhere.js') });
  expect(await refusal(read('tell', AbortSignal.abort()))).toMatchObject({ code: 'invalid_request' });
});

test('a caller who goes after the answer ends nothing, not even what is read for another', async () => {
  open({ processes: 1 });
  const [direct, waited] = [new AbortController(), new AbortController()];
  const first = told(read('tell', direct.signal));
  const second = told(read('tell', waited.signal));
  const { pid } = await first;
  await second;
  const third = told(read(`hold ${gatePath}`));
  await reported(1);
  direct.abort();
  waited.abort();
  reports[0]?.write('go on');
  expect((await third).pid).toBe(pid);
});

test('a file that takes too long is given up, its process killed, and the next one read', async () => {
  open({ processes: 1, limitMs: 700 });
  const late = refusal(read(`spin ${gatePath}`));
  const next = told(read('tell'));
  expect(await late).toMatchObject({
    code: 'invalid_input',
    message: 'The file takes too long to read; send a smaller or simpler one.',
    faults: [{ pointer: '/file', message: 'takes too long to read; send a smaller or simpler one' }],
  });
  await gone(reports[0]);
  expect(await next).toHaveProperty('pid');
});

test('a file that needs too much memory is given up; of an image its own field is named', async () => {
  open({ maxRssBytes: 256 * MiB });
  expect(await refusal(reader.checkImage(Buffer.from('eat'), '/input/imageBase64'))).toMatchObject({
    code: 'invalid_input',
    message: expect.stringContaining('The image needs too much memory'),
    faults: [{ pointer: '/input/imageBase64' }],
  });
  expect(lines).toMatchObject([{ message: 'a file took too much memory', kind: 'image' }]);
});

test('memory that a file left behind is not held against the next one', async () => {
  open({ processes: 1, maxRssBytes: 700 * MiB });
  const { pid } = await told(read('grow')); // by 200 MiB
  expect((await told(read('tell'))).pid).not.toBe(pid);
});

test.each([
  ['exit', 'cannot be read', 'code 7'],
  ['throw', 'cannot be read', 'code 1'],
  ['abort', 'needs too much memory', 'SIGABRT'],
  ['die', 'needs too much memory', 'SIGKILL'],
])('a file whose process ends (%s) %s, and the log holds nothing of it', async (verb, message, how) => {
  open();
  expect(await refusal(read(verb))).toMatchObject({
    code: 'invalid_input',
    faults: [{ pointer: '/file', message: expect.stringContaining(message) }],
  });
  expect(lines).toMatchObject([{ message: 'a file process ended', how, bytes: content.length }]);
  expect(JSON.stringify(lines)).not.toContain('secret');
});

test("the reader's own refusal comes through, without its cause", async () => {
  open();
  expect(await refusal(read('refuse'))).toMatchObject({
    code: 'unsupported_media_type',
    message: 'The file is a spoon.',
    faults: [{ pointer: '/file', message: 'is a spoon' }],
    cause: undefined,
  });
});

test('an unexpected error is internal; the log says where it arose but not its message', async () => {
  open();
  expect(await refusal(read('unexpected'))).toMatchObject({ code: 'internal' });
  const at = expect.arrayContaining([expect.stringContaining('fake-child.ts')]);
  expect(lines).toMatchObject([{ trace: { name: 'TypeError', at } }]);
  expect(JSON.stringify(lines)).not.toContain('secret');
});

test("a process that does not start is not the file's fault", async () => {
  open({ entry: path.join(dir, 'nowhere.js') });
  expect(await refusal(read('tell'))).toMatchObject({ code: 'internal' });
  expect(lines).toMatchObject([{ stderr: expect.stringContaining('nowhere.js') }]);
});

test('an idle process is ended', async () => {
  open({ idleMs: 1 });
  await read(`tell ${gatePath}`);
  await gone(reports[0]);
});

test('close answers what is read and what waits', async () => {
  open({ processes: 1 });
  const both = [read(`hold ${gatePath}`), read('tell')].map(refusal);
  await reported(1);
  reader.close();
  expect(await Promise.all(both)).toMatchObject([{ code: 'upstream_unavailable' }, { code: 'upstream_unavailable' }]);
  expect(await refusal(read('tell'))).toMatchObject({ code: 'upstream_unavailable', retryAfterSeconds: 2 });
  await gone(reports[0]);
});

test('a killed gateway leaves no process behind, not even one that never comes to an end', async () => {
  open();
  const parent = path.join(dir, 'parent.ts');
  writeFileSync(
    parent,
    `import { createFileReader } from ${JSON.stringify(path.join(import.meta.dirname, 'file-reader.ts'))};
     const reader = createFileReader({ log: {}, entry: ${JSON.stringify(path.join(import.meta.dirname, 'fake-child.ts'))} });
     for (const verb of ['hold', 'spin'])
       void reader.readDocument({ bytes: new Uint8Array(1), name: verb + ' ' + ${JSON.stringify(gatePath)} });`,
  );
  const gateway = spawn(process.execPath, [parent], { stdio: 'ignore' });
  await reported(2);
  const both = reports.map(gone);
  gateway.kill('SIGKILL');
  await Promise.all(both);
});

test('with the real readers: a document, an image and a broken one', async () => {
  reader = createFileReader({ log: createLog('test', 'silent') });
  const png = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEUlEQVR42mO4IyKCFTEMLQkAmD9BAeEqE6gAAAAASUVORK5CYII=',
    'base64',
  );
  const text = reader.readDocument({
    bytes: Buffer.from('The tide turned.\r\n'),
    name: 'tide.txt',
    type: 'text/plain',
  });
  expect(await text).toBe('The tide turned.');
  await reader.checkImage(png, '/file');
  expect(await refusal(reader.checkImage(png.subarray(0, 60), '/file'))).toMatchObject({
    code: 'invalid_input',
    faults: [{ pointer: '/file' }],
  });
});

test('the largest AVIF that is promised is read within the memory that a process may take', async () => {
  reader = createFileReader({ log: createLog('test', 'silent'), limitMs: 60_000 });
  const [width, height] = [4_000, maxAvifPixels / 4_000];
  const background = { r: 200, g: 20, b: 90, alpha: 0.5 };
  // what takes the most: 12 bits, every colour of every pixel, transparency
  const avif = await sharp({ create: { width, height, channels: 4, background } })
    .avif({ bitdepth: 12, chromaSubsampling: '4:4:4', effort: 0 })
    .toBuffer();
  await reader.checkImage(avif, '/file');
});
