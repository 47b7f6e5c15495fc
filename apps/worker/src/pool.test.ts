import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Progress } from '@slipway/contract/jobs';
import { CodedError } from '@slipway/contract/problems';
import { makeModels } from '@slipway/models/make';
import { createLog } from '@slipway/runtime/log';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { ChildJob } from './messages.ts';
import { Pool } from './pool.ts';

const log = createLog('test', 'silent');
const entry = path.join(import.meta.dirname, 'child.ts');
let models: string;
let pool: Pool;
const wake: (() => void)[] = [];

beforeAll(async () => {
  models = await mkdtemp(path.join(tmpdir(), 'slipway-pool-'));
  await makeModels(models, { slow: 512 });
});
afterAll(() => rm(models, { recursive: true, force: true }));
afterEach(() => pool.stop());

function open(size: number, model = true): void {
  const onChange = () => {
    for (const resolve of wake.splice(0)) resolve();
  };
  pool = new Pool({ entry, size, log, onChange });
  if (model) pool.load({ id: 'made/copier', dir: path.join(models, 'made/copier'), dtype: 'fp32', threads: 1 });
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise<void>((resolve) => wake.push(resolve));
}

const text = 'The tide turned before noon and the crew waited. '.repeat(20);
const job = (more: Partial<ChildJob> = {}): ChildJob => ({
  id: `job-${Math.random()}`,
  task: 'summarize',
  input: { text },
  options: { engine: 'auto', length: 'medium', format: 'paragraph' },
  engine: 'transformers',
  ...more,
});
const never = new AbortController().signal;

/** Starts a job and resolves when it has told how far it is; its end comes as `outcome`. */
async function startJob(signal: AbortSignal = never) {
  const begun = Promise.withResolvers<Progress>();
  const outcome = pool.run(job(), begun.resolve, signal).catch((error: unknown) => error);
  await begun.promise;
  return { outcome };
}

test('a killed process costs its job, and the next job runs on a new process with the model', async () => {
  open(1);
  const { outcome } = await startJob();
  const pid = pool.processes[0]?.pid;
  process.kill(pid ?? 0, 'SIGKILL');
  expect(await outcome).toMatchObject({ code: 'child_crashed', message: expect.stringContaining('SIGKILL') });
  const next = await pool.run(job({ input: { text: 'Short.' } }), () => {}, never);
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
  const third = pool.run(job({ input: { text: 'Third.' } }), () => {}, never);
  expect(await third).toMatchObject({ output: { summary: 'Third.' } });
  await Promise.all([first.outcome, second.outcome]);
});

test('a job that waits for a free process can be aborted', async () => {
  open(1);
  const { outcome } = await startJob();
  const abort = new AbortController();
  const waiting = pool.run(job(), () => {}, abort.signal);
  const reason = new CodedError('canceled', 'Enough.');
  abort.abort(reason);
  await expect(waiting).rejects.toBe(reason);
  pool.stop();
  await outcome;
});

test('a model that cannot be loaded is told, and the extractive engine still works', async () => {
  open(1, false);
  pool.load({ id: 'made/none', dir: path.join(models, 'nowhere'), dtype: 'fp32', threads: 1 });
  await until(() => pool.processes[0]?.loadState === 'failed');
  expect(pool.processes[0]?.loadFailure).toMatch(/\S/);
  await expect(pool.run(job(), () => {}, never)).rejects.toMatchObject({ code: 'model_unavailable' });
  expect(await pool.run(job({ engine: 'extractive' }), () => {}, never)).toMatchObject({ model: null });
});

test('an inference process ends when its worker is killed, even in the middle of a job', async () => {
  const script = `
    import { Pool } from '${import.meta.dirname}/pool.ts';
    import { createLog } from '${path.resolve(import.meta.dirname, '../../../packages/runtime/src/log.ts')}';
    const pool = new Pool({ entry: '${entry}', size: 1, log: createLog('test', 'silent'), onChange: () => {} });
    pool.load(${JSON.stringify({ id: 'made/copier', dir: path.join(models, 'made/copier'), dtype: 'fp32', threads: 1 })});
    void pool.run(${JSON.stringify(job())}, () => console.log(pool.processes[0].pid), new AbortController().signal);`;
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
