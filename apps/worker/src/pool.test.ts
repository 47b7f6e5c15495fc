import { spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Progress } from '@slipway/contract/jobs';
import { CodedError } from '@slipway/contract/problems';
import { makeModels } from '@slipway/models/make';
import { createLog } from '@slipway/runtime/log';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { ChildJob, ModelFiles } from './messages.ts';
import { Pool } from './pool.ts';
import { deaf, never, watcher } from './test-jobs.ts';

const log = createLog('test', 'silent');
const entry = path.join(import.meta.dirname, 'child.ts');
let models: string;
let pool: Pool;
const { onChange, until } = watcher();

beforeAll(async () => {
  models = await mkdtemp(path.join(tmpdir(), 'slipway-pool-'));
  await makeModels(models, { slow: 512 });
});
afterAll(() => rm(models, { recursive: true, force: true }));
afterEach(() => pool.stop());

function open(size: number, model = true): void {
  pool = new Pool({ entry, size, maxRssBytes: 8e9, log, onChange });
  if (model) pool.load(copier());
}

const copier = (): ModelFiles => ({
  task: 'summarize',
  id: 'made/copier',
  dir: path.join(models, 'made/copier'),
  dtype: 'fp32',
  device: 'cpu',
  threads: 1,
});
const text = 'The tide turned before noon and the crew waited. '.repeat(20);
const job = (more: Partial<ChildJob> = {}): ChildJob => ({
  id: `job-${Math.random()}`,
  task: 'summarize',
  input: { text },
  options: { engine: 'auto', length: 'medium', format: 'paragraph' },
  engine: 'transformers',
  shares: false,
  model: copier(),
  ...more,
});
/** 8 × 8 pixels of red. */
const redPng = 'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEUlEQVR42mO4IyKCFTEMLQkAmD9BAeEqE6gAAAAASUVORK5CYII=';

/** Starts a job and resolves when it has told how far it is; its end comes as `outcome`. */
async function startJob(signal: AbortSignal = never) {
  const begun = Promise.withResolvers<Progress>();
  const outcome = pool.run(job(), { ...deaf, report: begun.resolve }, signal).catch((error: unknown) => error);
  await begun.promise;
  return { outcome };
}

test('a killed process costs its job, and the next job runs on a new process with the model', async () => {
  open(1);
  const { outcome } = await startJob();
  const pid = pool.processes[0]?.pid;
  process.kill(pid ?? 0, 'SIGKILL');
  expect(await outcome).toMatchObject({ code: 'child_crashed', message: expect.stringContaining('SIGKILL') });
  const next = await pool.run(job({ input: { text: 'Short.' } }), deaf, never);
  expect(next).toMatchObject({ model: 'made/copier', output: { summary: 'Short.' } });
  expect(pool.processes[0]?.pid).not.toBe(pid);
});

test('an abort stops the job with its reason and the process lives on', async () => {
  open(1);
  const abort = new AbortController();
  const { outcome } = await startJob(abort.signal);
  const pid = pool.processes[0]?.pid;
  const reason = new CodedError('canceled', 'Enough.');
  abort.abort(reason);
  expect(await outcome).toBe(reason);
  expect(pool.processes[0]?.pid).toBe(pid);
  expect(pool.counts()).toEqual({ total: 1, alive: 1, busy: 0 });
});

test('a process that cannot hear the abort is killed after its grace', async () => {
  open(1);
  await until(() => pool.processes[0]?.loads.get('summarize') === 'loaded');
  const abort = new AbortController();
  const { outcome } = await startJob(abort.signal);
  const pid = pool.processes[0]?.pid ?? 0;
  process.kill(pid, 'SIGSTOP'); // as deaf as one long native call
  const reason = new CodedError('time_limit', 'Too long.');
  abort.abort(reason);
  expect(await outcome).toBe(reason);
  await until(() => pool.processes[0]?.alive === true && pool.processes[0].pid !== pid);
});

test('jobs run side by side on as many processes as there are, the others wait', async () => {
  open(2);
  const first = await startJob();
  const second = await startJob();
  expect(pool.counts()).toEqual({ total: 2, alive: 2, busy: 2 });
  const third = pool.run(job({ input: { text: 'Third.' } }), deaf, never);
  expect(await third).toMatchObject({ output: { summary: 'Third.' } });
  await Promise.all([first.outcome, second.outcome]);
});

test('text comes as it is generated, and adds up to the result', async () => {
  open(1);
  const pieces: string[] = [];
  const listener = { ...deaf, output: (piece: string) => pieces.push(piece) };
  const done = await pool.run(job({ input: { text: 'The tide turned before noon.' } }), listener, never);
  expect(pieces.length).toBeGreaterThan(1);
  expect(done.output).toEqual({ summary: pieces.join('') });
});

test('jobs of a task that batches share a process, and none of another task joins them', async () => {
  open(1, false);
  const id = 'made/lexicon';
  const model = { ...copier(), task: 'classify-text', id, dir: path.join(models, id) } as const;
  const classify = (text: string, shares: boolean) =>
    pool.run(
      job({ task: 'classify-text', input: { text }, options: { topK: 1 }, model, shares }),
      { ...deaf, started: () => order.push(text) },
      never,
    );
  const order: string[] = [];
  await classify('loads it', true);
  const ended: string[] = [];
  const note = (text: string) => (result: unknown) => {
    ended.push(text);
    return result;
  };
  const results = await Promise.all([
    classify('good', true).then(note('good')),
    classify('awful', true).then(note('awful')),
    classify('alone', false).then(note('alone')),
  ]);
  expect(order).toEqual(['loads it', 'good', 'awful', 'alone']);
  expect(ended.indexOf('alone')).toBe(2);
  expect(results).toMatchObject([
    { output: { labels: [{ label: 'POSITIVE' }] } },
    { output: { labels: [{ label: 'NEGATIVE' }] } },
    { model: id },
  ]);
  expect(pool.accepts('classify-text', new Map([['classify-text', 15]]))).toBe(true);
  expect(pool.accepts('classify-text', new Map([['classify-text', 16]]))).toBe(false);
  expect(pool.accepts('summarize', new Map([['classify-text', 1]]))).toBe(false);
});

test('a job that waits for a free process can be aborted', async () => {
  open(1);
  const { outcome } = await startJob();
  const abort = new AbortController();
  const waiting = pool.run(job(), deaf, abort.signal);
  const reason = new CodedError('canceled', 'Enough.');
  abort.abort(reason);
  await expect(waiting).rejects.toBe(reason);
  pool.stop();
  await outcome;
});

test('a model that cannot be loaded is told, and the extractive engine still works', async () => {
  open(1, false);
  const none = { ...copier(), id: 'made/none', dir: path.join(models, 'nowhere') };
  pool.load(none);
  await until(() => pool.processes[0]?.loads.get('summarize') === 'failed');
  expect(pool.processes[0]?.loadFailures.get('summarize')).toMatch(/\S/);
  await expect(pool.run(job({ model: none }), deaf, never)).rejects.toMatchObject({ code: 'model_unavailable' });
  expect(await pool.run(job({ engine: 'extractive', model: null }), deaf, never)).toMatchObject({ model: null });
  // a failed load is not remembered
  expect(await pool.run(job({ input: { text: 'Now.' } }), deaf, never)).toMatchObject({ model: 'made/copier' });
});

test('a kept model that could not be loaded is loaded when it can be', async () => {
  pool = new Pool({ entry, size: 1, maxRssBytes: 8e9, loadAgainMs: 50, log, onChange });
  const dir = path.join(models, 'late');
  pool.load({ ...copier(), dir });
  await until(() => pool.processes[0]?.loads.get('summarize') === 'failed');
  await cp(copier().dir, dir, { recursive: true });
  await until(() => pool.processes[0]?.loads.get('summarize') === 'loaded');
});

test('a process that has grown too large is replaced after its job, and the job keeps its result', async () => {
  pool = new Pool({
    entry,
    size: 1,
    maxRssBytes: 1,
    log,
    onChange,
  });
  await until(() => pool.processes[0]?.alive === true);
  const pid = pool.processes[0]?.pid;
  expect(await pool.run(job({ input: { text: 'Kept.' } }), deaf, never)).toMatchObject({
    output: { summary: 'Kept.' },
  });
  await until(() => pool.processes[0]?.alive === true && pool.processes[0].pid !== pid);
});

test.each([
  [
    'classify-text',
    'made/lexicon',
    { text: 'I love this great service' },
    { topK: 1 },
    { labels: [{ label: 'POSITIVE' }] },
  ],
  [
    'chat',
    'made/echo',
    { messages: [{ role: 'user', content: 'Say it back.' }] },
    { maxTokens: 50, temperature: 0, stop: [] },
    { message: { role: 'assistant', content: 'Say it back.' }, finishReason: 'stop' },
  ],
  ['classify-image', 'made/colours', { imageBase64: redPng }, { topK: 1 }, { labels: [{ label: 'red' }] }],
] as const)('%s runs on %s, loaded when it is first asked for', async (task, id, input, options, output) => {
  open(1, false);
  const model: ModelFiles = { task, id, dir: path.join(models, id), dtype: 'fp32', device: 'cpu', threads: 1 };
  const done = await pool.run(job({ task, input, options, model }), deaf, never);
  expect(done).toMatchObject({ model: id, output });
});

test('a model that nobody asks for gives its memory back, one that every process keeps stays', async () => {
  open(1); // the copier is kept
  const id = 'made/lexicon';
  const model: ModelFiles = {
    task: 'classify-text',
    id,
    dir: path.join(models, id),
    dtype: 'fp32',
    device: 'cpu',
    threads: 1,
  };
  await pool.run(job({ task: 'classify-text', input: { text: 'good' }, options: { topK: 1 }, model }), deaf, never);
  const pid = pool.processes[0]?.pid;
  pool.dropIdle(60_000);
  expect(pool.processes[0]?.pid).toBe(pid); // just used
  pool.dropIdle(-1);
  await until(() => pool.processes[0]?.alive === true && pool.processes[0].loads.get('summarize') === 'loaded');
  expect(pool.processes[0]?.pid).not.toBe(pid);
  expect([...(pool.processes[0]?.loads.keys() ?? [])]).toEqual(['summarize']);
  pool.dropIdle(-1);
  expect(pool.counts().alive).toBe(1);
});

test('an inference process ends when its worker is killed, even in the middle of a job', async () => {
  const script = `
    import { Pool } from '${import.meta.dirname}/pool.ts';
    import { createLog } from '${path.resolve(import.meta.dirname, '../../../packages/runtime/src/log.ts')}';
    const pool = new Pool({ entry: '${entry}', size: 1, maxRssBytes: 8e9, log: createLog('test', 'silent'), onChange: () => {} });
    pool.load(${JSON.stringify(copier())});
    const report = () => console.log(pool.processes[0].pid);
    void pool.run(${JSON.stringify(job())}, { started() {}, report, output() {}, log() {} }, new AbortController().signal);`;
  open(0);
  const file = path.join(models, 'worker.ts'); // a file, because fork() hands an inline script on to the child
  await writeFile(file, script);
  const worker = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] });
  const pid = await new Promise<number>((resolve) => worker.stdout.once('data', (data) => resolve(parseInt(data, 10))));
  worker.kill('SIGKILL');
  while (await isRunning(pid)) await new Promise((resolve) => setTimeout(resolve, 20));
});

/** A process that has ended but that nobody has reaped yet does not count. */
async function isRunning(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return /^State:\s+[^ZX]/m.test(status);
}
