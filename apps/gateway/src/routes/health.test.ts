import { randomUUID } from 'node:crypto';
import { readinessSchema } from '@slipway/contract/readiness';
import { connectConsumer } from '@slipway/queue/connection';
import { announceWorker } from '@slipway/queue/workers';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { openTestApp, type TestApp } from '../test-app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await openTestApp(inject('redisUrl'));
});
afterAll(() => app.close());

test('point 12: without a worker the instance lives but is not ready, with one it says which engine answers', async () => {
  expect((await app.request('/healthz')).status).toBe(200);
  const redis = connectConsumer(inject('redisUrl'), app.deps.log);
  const model = {
    id: 'made/copier',
    revision: 'main',
    dtype: 'fp32',
    device: 'cpu',
    deviceReason: 'DEVICE=cpu',
    state: 'downloading',
    reason: '3 %',
  } as const;
  const summarize = { engine: 'extractive', reason: 'the model is not ready: 3 %', model } as const;
  await announceWorker(redis, {
    id: randomUUID(),
    pid: 1,
    startedAt: new Date().toISOString(),
    children: { total: 1, alive: 1, busy: 0 },
    tasks: { summarize },
  });
  redis.disconnect();
  const answer = await app.request('/readyz');
  expect(answer.status).toBe(200);
  expect(readinessSchema.parse(await answer.json())).toMatchObject({ ready: true, tasks: { summarize } });
});
