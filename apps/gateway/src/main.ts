import type { Server } from 'node:http';
import { parseArgs } from 'node:util';
import { createAdaptorServer } from '@hono/node-server';
import { loadConfig } from '@slipway/config/load';
import { endOverdue, overdueEveryMs } from '@slipway/queue/deadlines';
import { openQueues } from '@slipway/queue/queues';
import { openWatcher } from '@slipway/queue/watch';
import { createLog } from '@slipway/runtime/log';
import { tellReady } from '@slipway/runtime/ready';
import { stopOnSignal } from '@slipway/runtime/stop';
import { createApp } from './app.ts';
import { createFileReader } from './files/file-reader.ts';
import { listenOnSocket } from './listen.ts';
import { createProxy } from './proxy.ts';

// in development the launcher says where Vite listens; everything that no route takes goes there
const { values: args } = parseArgs({ options: { vite: { type: 'string' } } });
const config = loadConfig();
const log = createLog('gateway', config.logLevel);
const queues = openQueues({ url: config.redisUrl, log, jobTtlSeconds: config.jobTtlSeconds });
const watcher = openWatcher({ url: config.redisUrl, log });
const files = createFileReader({ log });
const stopping = new AbortController();
const vite = args.vite === undefined ? undefined : createProxy(args.vite);

const app = createApp({
  queues,
  watcher,
  files,
  log,
  stopping: stopping.signal,
  maxBodyBytes: config.maxBodyBytes,
  models: mapValues(config.models, (model) => model?.id ?? null),
  fallback: vite?.middleware,
});
const server = createAdaptorServer({ fetch: app.fetch }) as Server;
if (vite) server.on('upgrade', vite.upgrade);

await listenOnSocket(server, config.gatewaySocket);
const overdue = setInterval(() => void endOverdue(queues).catch(() => {}), overdueEveryMs); // outages are told elsewhere
stopOnSignal(log, [
  { name: 'streams', run: () => stopping.abort() },
  { name: 'http', run: () => closeServer(server), limitMs: 10_000 },
  { name: 'queues', run: closeQueues },
]);
tellReady();
log.info({ socket: config.gatewaySocket }, 'gateway listens');

function mapValues<K extends string, A, B>(record: Record<K, A>, map: (value: A) => B): Record<K, B> {
  return Object.fromEntries(Object.entries<A>(record).map(([key, value]) => [key, map(value)])) as Record<K, B>;
}

async function closeQueues(): Promise<void> {
  clearInterval(overdue);
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
