import { existsSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pipeline, env as transformers } from '@huggingface/transformers';
import { summarize } from '@slipway/contract/tasks/summarize';
import { makeBigModel } from '@slipway/models/big';
import { connectConsumer } from '@slipway/queue/connection';
import { consume } from '@slipway/queue/consume';
import { getJob } from '@slipway/queue/inspect';
import { openQueues } from '@slipway/queue/queues';
import { submitJob } from '@slipway/queue/submit';
import { createLog } from '@slipway/runtime/log';
import type { ModelFiles } from '../apps/worker/src/messages.ts';
import { Pool } from '../apps/worker/src/pool.ts';
import { createRedis } from '../tests/redis-server.ts';
import { printTable } from './table.ts';

const log = createLog('bench', 'error');
const documents = 12;
const tokensEach = 60;
const options = summarize.options.parse({ engine: 'transformers', minTokens: tokensEach, maxTokens: tokensEach });
/** About 480 tokens each, all different: the model's window is 512, one byte a token. */
const text = (i: number) =>
  `Document ${i}. ${'The tide turned before noon and the crew waited. '.repeat(9)}`.slice(0, 480);
const texts = Array.from({ length: documents }, (_, i) => text(i));
const never = new AbortController().signal;
const deaf = { started: () => {}, report: () => {}, output: () => {}, log: () => {} };

interface Measured {
  name: string;
  seconds: number;
  tokens: number;
}

/** Of 8 bits is what the service loads unless told otherwise. */
const dtypes = ['fp32', 'q8'] as const;

/**
 * `npm run bench -- inference`: the same documents through the same model of T5-small's size in three ways, one after the
 * other on one machine, and this in two number formats. Loading is not counted: each way does a job first.
 */
export async function measureInference(): Promise<void> {
  const size = availableParallelism();
  const dir = await bigModel();
  for (const dtype of dtypes) {
    const model = { task: 'summarize', id: 'made/big', dir, dtype, device: 'cpu', threads: 1 } as const;
    const ways = [await naive(model), await barePool(model, size), await throughTheQueue(model, size)];
    console.log(`\n${documents} documents of 480 tokens, ${tokensEach} new tokens each, ${size} cores, ${dtype}`);
    printTable(['way', 's', 'jobs/s', 'tokens/s', 'throughput'], rowsOf(ways));
  }
}

function rowsOf(ways: Measured[]): string[][] {
  const base = ways[0]?.seconds ?? 1;
  return ways.map(({ name, seconds, tokens }) => [
    name,
    seconds.toFixed(1),
    (documents / seconds).toFixed(2),
    (tokens / seconds).toFixed(0),
    `${(base / seconds).toFixed(2)} ×`,
  ]);
}

/** Made once for this user and kept: 500 MB. */
async function bigModel(): Promise<string> {
  const dir = path.join(tmpdir(), 'slipway-bench-models');
  const model = path.join(dir, 'made/big');
  if (!existsSync(path.join(model, 'onnx/encoder_model_quantized.onnx'))) await makeBigModel(dir);
  return model;
}

/** What most programs do: one pipeline in their own process, with the runtime's own choice of threads. */
async function naive(model: ModelFiles): Promise<Measured> {
  transformers.localModelPath = path.resolve(model.dir, '../..');
  transformers.allowRemoteModels = false;
  const summarizer = await pipeline('summarization', model.id, { dtype: model.dtype as (typeof dtypes)[number] });
  const run = (document: string) =>
    summarizer(document, { max_new_tokens: tokensEach, min_new_tokens: tokensEach, min_length: 0 });
  await run(text(99));
  const start = performance.now();
  await Promise.all(texts.map(run)); // as an HTTP server would: all at once
  const seconds = (performance.now() - start) / 1_000;
  await summarizer.dispose();
  return { name: 'one pipeline in the process, default threads', seconds, tokens: documents * tokensEach };
}

async function barePool(model: ModelFiles, size: number): Promise<Measured> {
  const pool = await openPool(model, size);
  const start = performance.now();
  const done = await Promise.all(texts.map((document, i) => runOn(pool, model, `bench-${i}`, document)));
  const seconds = (performance.now() - start) / 1_000;
  pool.stop();
  const tokens = done.reduce((sum, { outputTokens }) => sum + (outputTokens ?? 0), 0);
  return { name: `bare pool, ${size} processes × 1 thread`, seconds, tokens };
}

async function throughTheQueue(model: ModelFiles, size: number): Promise<Measured> {
  const pool = await openPool(model, size);
  const redis = await createRedis();
  const connection = connectConsumer(redis.url, log);
  const queues = openQueues({ url: redis.url, log, jobTtlSeconds: 600 });
  const consumer = consume({
    connection,
    tasks: ['summarize'],
    accepts: (task, running) => pool.accepts(task, running),
    log,
    run: async ({ id, input, started, report, output, log: tell, signal }) => {
      const job = { id, task: 'summarize', input, options, engine: 'transformers', shares: false, model } as const;
      return {
        ...(await pool.run(job, { started, report, output, log: tell }, signal)),
        engine: 'transformers',
        engineReason: 'bench',
      };
    },
  });
  while (!(await queues.use(async () => true).catch(() => false))) await sleep(5);

  const start = performance.now();
  const jobs = await Promise.all(texts.map((text) => submitJob(queues, 'summarize', { text }, options)));
  let tokens = 0;
  for (const { id } of jobs) {
    let job = await getJob(queues, id);
    while (job.finishedAt === null) {
      await sleep(10);
      job = await getJob(queues, id);
    }
    if (job.state !== 'succeeded') throw new Error(`${id} ${job.state}: ${job.error?.message}`);
    tokens += job.metrics.outputTokens ?? 0;
  }
  const seconds = (performance.now() - start) / 1_000;

  await consumer.close();
  connection.disconnect();
  await queues.close();
  pool.stop();
  await redis.remove();
  return { name: 'through the queue, the same pool', seconds, tokens };
}

/** A pool in which every process has its model and has run it once. */
async function openPool(model: ModelFiles, size: number): Promise<Pool> {
  const entry = path.resolve(import.meta.dirname, '../apps/worker/src/child.ts');
  const pool = new Pool({ entry, size, maxRssBytes: Number.POSITIVE_INFINITY, log, onChange: () => {} });
  pool.load(model);
  const held = () => pool.processes.filter((process) => process.loads.get('summarize') === 'loaded').length;
  while (held() < size) await sleep(20);
  await Promise.all(Array.from({ length: size }, (_, i) => runOn(pool, model, `warm-${i}`, text(99))));
  return pool;
}

function runOn(pool: Pool, model: ModelFiles, id: string, document: string) {
  const job = {
    id,
    task: 'summarize',
    input: { text: document },
    options,
    engine: 'transformers',
    shares: false,
    model,
  } as const;
  return pool.run(job, deaf, never);
}
