import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '@slipway/config/load';
import type { ModelConfig } from '@slipway/config/models';
import { useProxyFromEnvironment } from '@slipway/config/proxy';
import type { EngineStatus } from '@slipway/contract/engines';
import type { WorkerStatus } from '@slipway/contract/readiness';
import { hasModel, type ModelTaskName, type TaskName, taskNames } from '@slipway/contract/tasks';
import { cacheFolder } from '@slipway/inference/store/model';
import { connectConsumer } from '@slipway/queue/connection';
import { type Consumer, consume } from '@slipway/queue/consume';
import { HandedBack } from '@slipway/queue/work';
import { announceEveryMs, announceWorker, retireWorker } from '@slipway/queue/workers';
import { markAlive, untilGone } from '@slipway/runtime/alive';
import { createLog } from '@slipway/runtime/log';
import { tellReady } from '@slipway/runtime/ready';
import { stopOnSignal } from '@slipway/runtime/stop';
import { engineStatus } from './engine-choice.ts';
import { ModelKeeper } from './model-keeper.ts';
import { Pool } from './pool.ts';
import { createRunner } from './runner.ts';

/** How long running jobs may go on after the signal to stop, in milliseconds; then they go back to the queue. */
const drainMs = 8_000;

/** A model that no job has asked for in this long gives its memory back, in milliseconds. */
const modelIdleMs = 15 * 60_000;

const config = loadConfig();
useProxyFromEnvironment(); // the worker asks no host but the hub
const log = createLog('worker', config.logLevel);
const redis = connectConsumer(config.redisUrl, log);
const id = randomUUID();
const startedAt = new Date().toISOString();

const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
const entry = fileURLToPath(new URL(`./child.${extension}`, import.meta.url));
const pool = new Pool({
  entry,
  size: config.workerChildren,
  // what a process may grow to before it is replaced: its share of the memory, less what the rest of the house needs
  maxRssBytes: (config.memory * 0.7) / config.workerChildren,
  log,
  onChange: () => {
    consumer?.changed();
    announceSoon();
  },
});
const cacheDirs = [config.modelCacheDir, config.spareModelCacheDir];
const keepFolders = Object.values(config.models)
  .filter((model) => model !== null)
  .flatMap((model) => cacheDirs.map((dir) => cacheFolder(dir, model)));
const keepers = new Map<TaskName, ModelKeeper>(
  taskNames.filter(hasModel).flatMap((task) => {
    const model = config.models[task];
    return model ? [[task, keep(task, model)] as const] : [];
  }),
);

function keep(task: ModelTaskName, model: ModelConfig): ModelKeeper {
  // only summaries can be made without a model, so only they are answered by ENGINE; `auto` needs theirs at once
  const mode = task !== 'summarize' ? 'lazy' : config.engine === 'extractive' ? 'off' : 'eager';
  return new ModelKeeper({
    model,
    mode,
    localModelPath: config.localModelPath,
    imageDir: config.modelImageDir,
    cacheDirs,
    endpoint: config.hubEndpoint,
    token: config.hubToken,
    offline: config.offline,
    maxCacheBytes: config.modelCacheBytes,
    keepFolders,
    device: config.device,
    threads: Math.max(1, Math.floor(config.cores / config.workerChildren)),
    pool,
    log,
    onChange: () => announceSoon(),
  });
}

const enabled = taskNames.filter((task) => !hasModel(task) || keepers.has(task));
const stop = new AbortController();
let consumer: Consumer | undefined;
consumer = consume({
  connection: redis,
  tasks: enabled,
  accepts: (task, running) => pool.accepts(task, running),
  run: createRunner({ pool, keepers, configured: config.engine, stop: stop.signal }),
  log,
});

let announcing: NodeJS.Timeout | undefined;
/** Gathers changes that come close together. */
function announceSoon(ms = 50): void {
  announcing ??= setTimeout(() => void announce(), ms);
}

async function announce(): Promise<void> {
  announcing = undefined; // first, so that a change from here on is told too
  const tasks = Object.fromEntries(enabled.map((task) => [task, statusOf(task)]));
  for (const [task, status] of Object.entries(tasks)) tellEngine(task, status);
  const status: WorkerStatus = { id, pid: process.pid, startedAt, children: pool.counts(), tasks };
  if (redis.status === 'ready') await announceWorker(redis, status).catch(() => {}); // the connection reports outages
}

function statusOf(task: TaskName): EngineStatus {
  const keeper = keepers.get(task);
  if (!keeper) return { engine: 'builtin', reason: 'this task needs no model', model: null };
  return engineStatus(task === 'summarize' ? config.engine : 'transformers', keeper.status());
}

const told = new Map<string, string | null>();
function tellEngine(task: string, { engine, reason }: EngineStatus): void {
  if (told.get(task) === engine) return;
  told.set(task, engine);
  log.info({ task, engine, reason }, engine ? 'engine' : 'no engine for this task yet');
}

const heartbeat = setInterval(() => {
  pool.dropIdle(modelIdleMs);
  announceSoon();
}, announceEveryMs);
redis.on('ready', () => announceSoon(0));

stopOnSignal(log, [
  { name: 'no more jobs', run: () => consumer?.pause() },
  { name: 'running jobs', run: drain, limitMs: drainMs + 4_000 },
  { name: 'inference processes', run: stopInference },
  { name: 'gateway', run: () => untilGone(config.runDir, 'gateway'), limitMs: 4_000, waitsForOther: true }, // it may wait for a last result
  { name: 'goodbye', run: sayGoodbye },
  { name: 'redis', run: () => redis.disconnect() },
]);

/** Lets jobs finish; what has not after `drainMs` goes back to the queue and runs again elsewhere or later. */
async function drain(): Promise<void> {
  const timer = setTimeout(() => stop.abort(new HandedBack('the worker stops')), drainMs);
  await consumer?.close();
  clearTimeout(timer);
}

async function stopInference(): Promise<void> {
  pool.stop();
  await Promise.all([...keepers.values()].map((keeper) => keeper.stop()));
}

markAlive(config.runDir, 'worker');
tellReady();

async function sayGoodbye(): Promise<void> {
  clearInterval(heartbeat);
  clearTimeout(announcing);
  if (redis.status === 'ready') await retireWorker(redis, id);
}
