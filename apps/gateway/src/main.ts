import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createAdaptorServer } from '@hono/node-server';
import { readDataFolder } from '@slipway/config/data-folder';
import { loadConfig } from '@slipway/config/load';
import { readRunningServices } from '@slipway/config/running-services';
import { CodedError } from '@slipway/contract/problems';
import { openAdmission } from '@slipway/queue/admission';
import { endOverdue, overdueEveryMs } from '@slipway/queue/deadlines';
import { finishErasing } from '@slipway/queue/erase';
import { openEstimator } from '@slipway/queue/estimate/estimator';
import { openQueues } from '@slipway/queue/queues';
import { openRateLimiters } from '@slipway/queue/rate-limit';
import { sweep, sweepEveryMs } from '@slipway/queue/sweep';
import { openWatcher } from '@slipway/queue/watch';
import { markAlive, untilGone } from '@slipway/runtime/alive';
import { createLog } from '@slipway/runtime/log';
import { tellReady } from '@slipway/runtime/ready';
import { stopOnSignal } from '@slipway/runtime/stop';
import { access, houseAccess, identifier } from './access/access.ts';
import { createGuesses } from './access/guesses.ts';
import { createKeyring } from './access/keys.ts';
import { createApp } from './app.ts';
import { openArchive } from './archive.ts';
import { patienceMs } from './dialects/run.ts';
import { createFileReader } from './files/file-reader.ts';
import { keptSecret } from './kept-secret.ts';
import { listenOnSocket } from './listen.ts';
import { openDesk } from './open-desk.ts';
import { openOperator } from './operator/operator.ts';
import { createProxy } from './proxy.ts';
import { createServices } from './services/services.ts';

// in development the launcher says where Vite listens; everything that no route takes goes there
const { values: args } = parseArgs({ options: { vite: { type: 'string' }, services: { type: 'string' } } });
const config = loadConfig();
const log = createLog('gateway', config.logLevel);
const queues = openQueues({ url: config.redisUrl, log, jobTtlSeconds: config.jobTtlSeconds });
const watcher = openWatcher({ url: config.redisUrl, log });
const estimator = openEstimator(queues);
const admission = openAdmission(queues, {
  maxDepth: config.maxQueueDepth,
  maxBytes: config.maxQueueBytes,
  secondsUntilRoom: () => estimator.secondsUntilRoom(),
});
const { hubDataset: dataset, hubToken, offline } = config;
const archive = openArchive({ queues, dataset, canAsk: hubToken !== undefined && !offline });
const files = createFileReader({ log });
const stopping = new AbortController();
const vite = args.vite === undefined ? undefined : createProxy(args.vite);

const who = { keyring: createKeyring(config.apiKeys), onSpace: config.onSpace, guesses: createGuesses() };
const operator = openOperator({
  config: config.operator,
  onSpace: config.onSpace,
  port: config.port,
  signInFile: config.signInFile,
  queues,
  estimator,
  log,
});
const services = createServices(args.services === undefined ? [] : readRunningServices(args.services), {
  identify: identifier(who),
  roleOf: operator.roleOf,
  onSpace: config.onSpace,
  log,
  stopping: stopping.signal,
});
const gate = access(who);
const app = createApp({
  queues,
  desk: openDesk({ queues, watcher, admission, estimator, archive }),
  archive: archive?.part,
  access: gate,
  metricsAccess: houseAccess(gate, config.onSpace && config.apiKeys === undefined),
  limiters: openRateLimiters(queues, config.rateLimit),
  files,
  log,
  operator,
  stopping: stopping.signal,
  maxBodyBytes: config.maxBodyBytes,
  allowedOrigins: config.allowedOrigins,
  patienceMs: patienceMs(config.onSpace),
  streamSecret: keptSecret(path.join(config.runDir, 'stream-secret')),
  data: () => readDataFolder(config.runDir),
  models: mapValues(config.models, (model) => model?.id ?? null),
  services,
  fallback: vite?.middleware,
});
const server = createAdaptorServer({
  fetch: app.fetch,
  // else a request with any Upgrade header would leave the routes, as `curl --http2` sends one
  serverOptions: { shouldUpgradeCallback: (request) => vite !== undefined || services.takesUpgrade(request) },
}) as Server;
server.on('upgrade', (request, socket: Socket, head) => {
  if (vite && !services.takesUpgrade(request)) vite.upgrade(request, socket, head);
  else services.upgrade(request, socket, head);
});

await listenOnSocket(server, config.gatewaySocket);
const overdue = setInterval(() => void endAndErase(), overdueEveryMs);
/** Tasks of other versions that the log has named. */
const toldOf = new Set<string>();
const sweeping = setInterval(() => void tidy(), sweepEveryMs);

stopOnSignal(log, [
  { name: 'streams', run: () => stopping.abort() },
  // until then it may still pass on what it has taken
  { name: 'nginx', run: () => untilGone(config.runDir, 'nginx'), limitMs: 9_000, waitsForOther: true },
  { name: 'http', run: () => closeServer(server), limitMs: 2_000 },
  { name: 'queues', run: closeQueues },
]);
markAlive(config.runDir, 'gateway');
tellReady();
log.info({ socket: config.gatewaySocket }, 'gateway listens');
if (!config.apiKeys)
  log.warn('API_KEYS is not set: everybody may submit jobs, and a job is seen by whoever knows its id');

function mapValues<K extends string, A, B>(record: Record<K, A>, map: (value: A) => B): Record<K, B> {
  return Object.fromEntries(Object.entries<A>(record).map(([key, value]) => [key, map(value)])) as Record<K, B>;
}

async function endAndErase(): Promise<void> {
  try {
    await endOverdue(queues);
    await finishErasing(queues);
  } catch (err) {
    // outages are told elsewhere
    if (!(err instanceof CodedError))
      log.error({ err }, 'jobs past their deadline, or to be erased, are left as they are');
  }
}

async function tidy(): Promise<void> {
  const owners = [...new Set(config.apiKeys?.map(({ name }) => name))];
  try {
    const tasks = await sweep(queues, { owners, maxBytes: config.maxQueueBytes });
    if (tasks.some((task) => !toldOf.has(task)))
      log.warn({ tasks }, 'Redis has jobs of tasks that this version does not have: nobody can see or run them');
    for (const task of tasks) toldOf.add(task);
  } catch (err) {
    // outages are told elsewhere
    if (!(err instanceof CodedError)) log.error({ err }, 'jobs past their time could not be removed');
  }
}

async function closeQueues(): Promise<void> {
  clearInterval(overdue);
  clearInterval(sweeping);
  estimator.close();
  files.close();
  watcher.close();
  await queues.close();
}

/** Answers what has been asked, takes nothing new. nginx holds idle connections open, so those are closed at once. */
function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  return closed;
}
