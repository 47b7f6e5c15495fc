import { randomBytes } from 'node:crypto';
import { loadConfig } from '@slipway/config/load';
import { useProxyFromEnvironment } from '@slipway/config/proxy';
import { connectConsumer } from '@slipway/queue/connection';
import { openQueues } from '@slipway/queue/queues';
import { markAlive, untilGone } from '@slipway/runtime/alive';
import { createLog } from '@slipway/runtime/log';
import { dataIsLost } from '@slipway/runtime/lost';
import { tellReady } from '@slipway/runtime/ready';
import { stopOnSignal } from '@slipway/runtime/stop';
import { type Archiver, openArchiver } from './archive/archiver.ts';
import { openCourier } from './courier.ts';
import { retryDelaysMs } from './schedule.ts';

/** How long the start waits for the archive, in milliseconds. */
const restoreMs = 60_000;
/** How long the last push may try, in milliseconds: with the deliveries before it less than pm2's kill_timeout. */
const lastPushMs = 6_000;

const config = loadConfig();
const log = createLog('courier', config.logLevel);
const redis = connectConsumer(config.redisUrl, log);
const queues = openQueues({ url: config.redisUrl, log, jobTtlSeconds: config.jobTtlSeconds });
const courier = openCourier({
  connection: redis,
  queues,
  secrets: config.webhookSecrets,
  allowedHosts: config.webhookAllowedHosts,
  delaysMs: retryDelaysMs,
  log,
});

markAlive(config.runDir, 'courier');
const archiver = openArchive();

stopOnSignal(log, [
  { name: 'worker', run: () => untilGone(config.runDir, 'worker'), limitMs: 16_000, waitsForOther: true }, // what it ends goes out too
  { name: 'deliveries', run: () => courier.close(), limitMs: 6_000 }, // those that are cut off go out at the next start
  { name: 'archive', run: () => archiver?.close(lastPushMs), limitMs: lastPushMs + 1_000 },
  { name: 'queues', run: () => queues.close() },
  { name: 'redis', run: () => redis.disconnect() },
]);

// the worker is started after this
await archiver?.restored(restoreMs);
tellReady();
log.info(archiver ? 'courier carries webhooks and the archive' : 'courier carries webhooks');

function openArchive(): Archiver | undefined {
  const { hubDataset: dataset, hubToken: token, hubEndpoint: endpoint } = config;
  if (dataset === undefined) return undefined;
  if (token === undefined || config.offline) {
    log.warn('HF_DATASET_REPO is set, but without HF_TOKEN, or with HF_HUB_OFFLINE=1, no job is archived');
    return undefined;
  }
  useProxyFromEnvironment(); // of webhooks the courier checks the address itself, so they go without it
  return openArchiver({
    hub: { endpoint, token, dataset },
    queues,
    log,
    jobTtlSeconds: config.jobTtlSeconds,
    everyMs: config.archiveEveryMs,
    // a job takes up to four times as much in Redis as in the archive
    restoreMaxBytes: config.maxQueueBytes / 4,
    boot: randomBytes(4).toString('hex'),
    // the launcher's note, when another instance has taken the data folder
    isLost: () => dataIsLost(config.runDir),
  });
}
