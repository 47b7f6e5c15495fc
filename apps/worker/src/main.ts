import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '@slipway/config/load';
import type { EngineStatus } from '@slipway/contract/engines';
import type { WorkerStatus } from '@slipway/contract/readiness';
import { connectConsumer } from '@slipway/queue/connection';
import { consume, HandedBack } from '@slipway/queue/consume';
import { announceEveryMs, announceWorker, retireWorker } from '@slipway/queue/workers';
import { createLog } from '@slipway/runtime/log';
import { tellReady } from '@slipway/runtime/ready';
import { stopOnSignal } from '@slipway/runtime/stop';
import { engineStatus } from './engine-choice.ts';
import { ModelKeeper } from './model-keeper.ts';
import { Pool } from './pool.ts';
import { createRunner } from './runner.ts';

/** How long running jobs may go on after the signal to stop, in milliseconds; then they go back to the queue. */
const drainMs = 8_000;

const config = loadConfig();
const log = createLog('worker', config.logLevel);
const redis = connectConsumer(config.redisUrl, log);
const id = randomUUID();
const startedAt = new Date().toISOString();

const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
const entry = fileURLToPath(new URL(`./child.${extension}`, import.meta.url));
const pool = new Pool({ entry, size: config.workerChildren, log, onChange: () => announceSoon() });
const keeper = new ModelKeeper({
  model: config.summarizeModel,
  enabled: config.engine !== 'extractive',
  localModelPath: config.localModelPath,
  cacheDirs: [config.modelCacheDir, config.spareModelCacheDir],
  endpoint: config.hubEndpoint,
  token: config.hubToken,
  threads: Math.max(1, Math.floor(config.cores / config.workerChildren)),
  pool,
  log,
  onChange: () => announceSoon(),
});

const stop = new AbortController();
const consumer = consume({
  connection: redis,
  task: 'summarize',
  concurrency: config.workerChildren,
  run: createRunner({ pool, modelStatus: () => keeper.status(), configured: config.engine, stop: stop.signal }),
  log,
});
keeper.start();

let announcing: NodeJS.Timeout | undefined;
/** Gathers changes that come close together. */
function announceSoon(ms = 50): void {
  announcing ??= setTimeout(() => void announce(), ms);
}

let lastTold = '';
async function announce(): Promise<void> {
  const summarize = engineStatus(config.engine, keeper.status());
  tellEngine(summarize);
  const status: WorkerStatus = { id, pid: process.pid, startedAt, children: pool.counts(), tasks: { summarize } };
  if (redis.status === 'ready') await announceWorker(redis, status).catch(() => {}); // the connection reports outages
  announcing = undefined;
}
function tellEngine({ engine, reason }: EngineStatus): void {
  if (lastTold === `${engine}`) return;
  lastTold = `${engine}`;
  log.info({ engine, reason }, engine ? 'engine' : 'no engine can run jobs yet');
}
const heartbeat = setInterval(() => announceSoon(), announceEveryMs);
redis.on('ready', () => announceSoon(0));

stopOnSignal(log, [
  { name: 'no more jobs', run: () => consumer.pause(), limitMs: 1_000 },
  { name: 'running jobs', run: drain, limitMs: drainMs + 4_000 },
  { name: 'inference processes', run: () => [keeper.stop(), pool.stop()] },
  { name: 'goodbye', run: () => [clearInterval(heartbeat), clearTimeout(announcing), retireWorker(redis, id)].at(-1) },
  { name: 'redis', run: () => redis.disconnect() },
]);

/** Lets jobs finish; what has not after `drainMs` goes back to the queue and runs again elsewhere or later. */
async function drain(): Promise<void> {
  const timer = setTimeout(() => stop.abort(new HandedBack('the worker stops')), drainMs);
  await consumer.close();
  clearTimeout(timer);
}

tellReady();
