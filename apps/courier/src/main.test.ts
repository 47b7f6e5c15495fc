import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { cancelJob } from '@slipway/queue/cancel';
import { openQueues, type Queues } from '@slipway/queue/queues';
import { listDeliveries } from '@slipway/queue/webhooks/delivery-log';
import { serviceSecrets } from '@slipway/queue/webhooks/secrets';
import { Webhook } from 'standardwebhooks';
import { afterEach, expect, test } from 'vitest';
import { createRedis } from '../../../tests/redis-server.ts';
import { startHubStandIn } from './archive/test-hub.ts';
import { log, submitWithWebhook } from './test-courier.ts';
import { openReceiver, type Received } from './test-receiver.ts';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

function startProcess(redisUrl: string, more: Record<string, string> = {}): ChildProcess {
  const env = { REDIS_URL: redisUrl, WEBHOOK_ALLOWED_HOSTS: '127.0.0.1', ...more };
  const child = spawn(process.execPath, [`${import.meta.dirname}/main.ts`], {
    env,
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  cleanUp.push(() => child.kill('SIGKILL'));
  return child;
}

async function canceledWithWebhook(queues: Queues, url: string): Promise<string> {
  for (;;) {
    try {
      const id = await submitWithWebhook(queues, { url });
      await cancelJob(queues, id);
      return id;
    } catch {
      await sleep(20); // Redis is coming
    }
  }
}

test('the process delivers, comes through an outage of Redis, and ends what it began when it is to stop', async () => {
  const redis = await createRedis();
  cleanUp.push(() => redis.remove());
  const queues = openQueues({ url: redis.url, log, jobTtlSeconds: 60 });
  cleanUp.push(() => queues.close());
  const hold = Promise.withResolvers<void>();
  const hook = await openReceiver((response, n) => {
    if (n === 3) void hold.promise.then(() => response.writeHead(200).end());
    else response.writeHead(200).end();
  });
  cleanUp.push(hook.close);
  const child = startProcess(redis.url);
  const printed = text(child.stdout as NonNullable<ChildProcess['stdout']>);

  await canceledWithWebhook(queues, hook.url);
  const [first] = (await hook.count(1)) as [Received];
  const [secret = ''] = await serviceSecrets(queues, undefined);
  new Webhook(secret).verify(first.body, first.headers as Record<string, string>);

  await redis.kill();
  await redis.start();
  await canceledWithWebhook(queues, hook.url);
  await hook.count(2);

  const id = await canceledWithWebhook(queues, hook.url);
  await hook.count(3);
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  hold.resolve();
  expect(await exit).toEqual([0, null]);
  expect(await listDeliveries(queues, id)).toMatchObject([{ attempt: 1, status: 200 }]);
  const lines = await printed;
  expect(lines).toContain(`"host":"${hook.host}"`);
  expect(lines).not.toContain('secret-of-the-url');
  expect(lines).not.toContain('whsec_');
});

test('without Redis it starts all the same, and stops at once when told to', async () => {
  const child = startProcess('unix:///nowhere/redis.sock');
  const exit = once(child, 'exit');
  await once(child.stdout as NonNullable<ChildProcess['stdout']>, 'data');
  child.kill('SIGTERM');
  expect(await exit).toEqual([0, null]);
}, 10_000);

test('point 37: it is ready, and so the worker started, only when the archive is restored', async () => {
  const [redis, hub] = await Promise.all([createRedis(), startHubStandIn()]);
  cleanUp.push(
    () => redis.remove(),
    () => hub.close(),
  );
  const held = Promise.withResolvers<() => void>();
  hub.accident = (call, request, response) => {
    if (call !== 'list') return false;
    hub.accident = undefined;
    held.resolve(() => request.socket.destroy());
    return !!response;
  };
  const env = { HF_ENDPOINT: hub.endpoint, HF_DATASET_REPO: hub.dataset, HF_TOKEN: hub.token };
  const child = startProcess(redis.url, env);
  let isReady = false;
  child.once('message', () => (isReady = true));
  const goOn = await held.promise;
  expect(isReady).toBe(false);
  goOn(); // the connection is cut; the restore is tried again
  const printed = text(child.stdout as NonNullable<ChildProcess['stdout']>);
  expect(await once(child, 'message')).toEqual(['ready', undefined]);
  child.kill('SIGTERM');
  const lines = await printed;
  expect(lines.indexOf('restored what the archive holds')).toBeGreaterThan(0);
  expect(lines.indexOf('restored what the archive holds')).toBeLessThan(lines.indexOf('courier carries'));
  expect(lines).not.toContain(hub.token);
});

test('a dataset without a token is said, and keeps nobody from working', async () => {
  const child = startProcess('unix:///nowhere/redis.sock', { HF_DATASET_REPO: 'ann/jobs' });
  const printed = text(child.stdout as NonNullable<ChildProcess['stdout']>);
  await once(child, 'message');
  child.kill('SIGTERM');
  expect(await printed).toContain('without HF_TOKEN');
});
