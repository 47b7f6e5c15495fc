import { problemSchema } from '@slipway/contract/problems';
import { readinessSchema } from '@slipway/contract/readiness';
import { openQueues } from '@slipway/queue/queues';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createApp } from './app.ts';
import { allModels, openTestApp, type TestApp } from './test-app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await openTestApp(inject('redisUrl'));
});
afterAll(() => app.close());

test.each([
  ['/api/v1/jobs/nonsense', 404, 'job_not_found'],
  [`/api/v1/jobs/summarize_${'a'.repeat(22)}`, 404, 'job_not_found'],
  ['/api/v1/nowhere', 404, 'not_found'],
  ['/nowhere', 404, 'not_found'],
  ['/api/v1/jobs/batch/more', 404, 'not_found'],
])('GET %s → %i %s', async (path, status, code) => {
  const answer = await app.request(path);
  expect(answer.status).toBe(status);
  expect(problemSchema.parse(await answer.json())).toMatchObject({ status, code });
});

test('405 says what is allowed', async () => {
  const answer = await app.request('/api/v1/jobs', { method: 'DELETE' });
  expect(answer.status).toBe(405);
  expect(answer.headers.get('Allow')).toBe('POST, GET, HEAD');
});

test("a caller's request id is kept, unless it could break a log line", async () => {
  const keep = await app.request('/healthz', { headers: { 'X-Request-Id': 'abc-123' } });
  expect(keep.headers.get('X-Request-Id')).toBe('abc-123');
  const drop = await app.request('/healthz', { headers: { 'X-Request-Id': '<script>' } });
  expect(drop.headers.get('X-Request-Id')).toMatch(/^[0-9a-f-]{36}$/);
});

test('point 12: with Redis away submissions get 503 and a time to try again, and readiness says why', async () => {
  const away = openQueues({ url: 'unix:///nowhere/redis.sock', log: app.deps.log, jobTtlSeconds: 60 });
  const lonely = createApp({ ...app.deps, queues: away, desk: app.deskOn(away), models: allModels });
  const body = JSON.stringify({ task: 'summarize', input: { text: 'x' } });
  const headers = { 'Content-Type': 'application/json' };
  const answer = await lonely.request('/api/v1/jobs', { method: 'POST', body, headers });
  expect(answer.status).toBe(503);
  expect(answer.headers.get('Retry-After')).toBe('2');
  expect(problemSchema.parse(await answer.json()).code).toBe('queue_unavailable');
  const ready = await lonely.request('/readyz');
  expect(ready.status).toBe(503);
  expect(readinessSchema.parse(await ready.json()).parts[0]).toMatchObject({ name: 'queue', state: 'down' });
  await away.close();
});
