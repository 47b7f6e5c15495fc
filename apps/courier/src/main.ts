import { loadConfig } from '@slipway/config/load';
import { connectConsumer } from '@slipway/queue/connection';
import { openQueues } from '@slipway/queue/queues';
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
  { name: 'deliveries', run: () => courier.close(), limitMs: 16_000 }, // a request takes at most 15 s
  { name: 'queues', run: () => queues.close() },
  { name: 'redis', run: () => redis.disconnect() },
]);

tellReady();
log.info('courier carries webhooks');
