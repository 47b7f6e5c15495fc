import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiKey, RateLimit } from '@slipway/config/access';
import { type OperatorEnv, operatorConfig } from '@slipway/config/operator';
import { openAdmission } from '@slipway/queue/admission';
import { openEstimator } from '@slipway/queue/estimate/estimator';
import { openQueues, type Queues } from '@slipway/queue/queues';
import { openRateLimiters } from '@slipway/queue/rate-limit';
import { openWatcher } from '@slipway/queue/watch';
import { createLog } from '@slipway/runtime/log';
import { access, houseAccess } from './access/access.ts';
import { createKeyring } from './access/keys.ts';
import { createApp } from './app.ts';
import { openArchive } from './archive.ts';
import { patienceMs } from './dialects/run.ts';
import { createFileReader } from './files/file-reader.ts';
import { openDesk } from './open-desk.ts';
import { openOperator } from './operator/operator.ts';

export const maxBodyBytes = 4 * 1024 * 1024;
export const allModels = {
  summarize: 'made/copier',
  'classify-text': 'made/lexicon',
  'classify-image': 'made/colours',
  chat: 'made/echo',
};

export type TestApp = Awaited<ReturnType<typeof openTestApp>>;

export interface TestAppOptions {
  apiKeys?: ApiKey[];
  rateLimit?: RateLimit | null;
  maxDepth?: number;
  operator?: OperatorEnv;
  onSpace?: boolean;
  signInFile?: string;
  /** HF_DATASET_REPO. */
  dataset?: string;
  canAsk?: boolean;
}

/** The app on the tests' Redis, under a prefix of its own, with `classify-image` turned off. No worker takes its jobs. */
export async function openTestApp(redisUrl: string, options: TestAppOptions = {}) {
  const { apiKeys, rateLimit = null, maxDepth = 1_000, operator = {}, onSpace = false, signInFile = '' } = options;
  const log = createLog('test', 'silent');
  const prefix = randomUUID();
  const queues = openQueues({ url: redisUrl, log, jobTtlSeconds: 60, prefix });
  const watcher = openWatcher({ url: redisUrl, log, prefix });
  const files = createFileReader({ log });
  const models = { ...allModels, 'classify-image': null };
  const estimator = openEstimator(queues);
  const archive = openArchive({ queues, dataset: options.dataset, canAsk: options.canAsk ?? true });
  const deskOn = (queues: Queues) =>
    openDesk({
      queues,
      watcher,
      estimator,
      archive,
      admission: openAdmission(queues, { maxDepth, maxBytes: 1024 ** 3, secondsUntilRoom: () => 7 }),
    });
  const gate = access({ keyring: createKeyring(apiKeys), onSpace });
  const deps = {
    queues,
    desk: deskOn(queues),
    archive: archive?.part,
    access: gate,
    metricsAccess: houseAccess(gate, onSpace && apiKeys === undefined),
    limiters: openRateLimiters(queues, rateLimit),
    files,
    log,
    maxBodyBytes,
    patienceMs: patienceMs(onSpace),
    operator: openOperator({
      config: operatorConfig(operator),
      onSpace,
      port: 7860,
      signInFile,
      queues,
      estimator,
      log,
    }),
    streamSecret: new Uint8Array(32),
    models,
    stopping: new AbortController().signal,
  };
  const app = createApp(deps);
  while (!(await queues.use(async () => true).catch(() => false))) await sleep(5);

  function post(
    body: string | Uint8Array<ArrayBuffer>,
    headers: Record<string, string> = { 'Content-Type': 'application/json' },
  ) {
    return app.request('/api/v1/jobs', { method: 'POST', body, headers });
  }
  const submit = (value: unknown) => post(JSON.stringify(value));

  return {
    deps,
    deskOn,
    queues,
    request: app.request,
    post,
    submit,
    summarize: (text: unknown, options?: unknown) => submit({ task: 'summarize', input: { text }, options }),
    /** How many jobs of `summarize` wait. */
    jobCount: () => queues.use(({ queue }) => queue('summarize').getJobCountByTypes('prioritized', 'waiting')),
    async close() {
      estimator.close();
      watcher.close();
      files.close();
      await queues.close();
    },
  };
}
