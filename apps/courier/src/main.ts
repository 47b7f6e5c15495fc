import { loadConfig } from '@slipway/config/load';
import { connectConsumer } from '@slipway/queue/connection';
import { openQueues } from '@slipway/queue/queues';
import { markAlive, untilGone } from '@slipway/runtime/alive';
import { createLog } from '@slipway/runtime/log';
import { tellReady } from '@slipway/runtime/ready';
import { stopOnSignal } from '@slipway/runtime/stop';
import { openCourier } from './courier.ts';
import { retryDelaysMs } from './schedule.ts';

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

stopOnSignal(log, [
  { name: 'worker', run: () => untilGone(config.runDir, 'worker'), limitMs: 16_000 }, // what it ends goes out too
  { name: 'deliveries', run: () => courier.close(), limitMs: 6_000 }, // those that are cut off go out at the next start
  { name: 'queues', run: () => queues.close() },
  { name: 'redis', run: () => redis.disconnect() },
]);

markAlive(config.runDir, 'courier');
tellReady();
log.info('courier carries webhooks');
