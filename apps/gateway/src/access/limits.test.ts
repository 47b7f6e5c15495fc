import { randomUUID } from 'node:crypto';
import { openQueues } from '@slipway/queue/queues';
import { openRateLimiters } from '@slipway/queue/rate-limit';
import { createLog } from '@slipway/runtime/log';
import { Hono } from 'hono';
import { afterAll, expect, inject, test } from 'vitest';
import type { AppEnv } from '../caller.ts';
import { toProblem } from '../problem.ts';
import { access } from './access.ts';
import { createKeyring } from './keys.ts';
import { limitReads, spend } from './limits.ts';

const queues = openQueues({
  url: inject('redisUrl'),
  log: createLog('test', 'silent'),
  jobTtlSeconds: 60,
  prefix: randomUUID(),
});
afterAll(() => queues.close());

function testApp(limit: { requests: number; seconds: number } | null) {
  const { submissions, reads } = openRateLimiters(queues, limit);
  return new Hono<AppEnv>()
    .use(access({ keyring: createKeyring(undefined), onSpace: false }), limitReads(reads))
    .get('/jobs', (c) => c.text('read'))
    .post('/jobs', async (c) => {
      await spend(c, submissions, Number(await c.req.text()));
      return c.text('taken', 202);
    })
    .onError((error, c) => c.text('refused', toProblem(error, 'test').status as 429));
}
const standing = ({ status, headers }: Response) => [status, headers.get('RateLimit-Policy'), headers.get('RateLimit')];

test('point 20: answers tell what is left, refusals too, whatever a caller forges', async () => {
  await expect.poll(() => queues.use(async () => true).catch(() => false), { interval: 5 }).toBe(true);
  const app = testApp({ requests: 3, seconds: 3_600 });
  let forged = 0;
  const post = (cost: number) => {
    const headers = { 'X-Forwarded-For': `203.0.113.${forged++}, 198.51.100.7` };
    return app.request('/jobs', { method: 'POST', body: String(cost), headers });
  };
  const left = (r: number) => expect.stringMatching(new RegExp(`^"submissions";r=${r};t=3(600|5\\d\\d)$`));
  const policy = '"submissions";q=3;w=3600';
  expect(standing(await post(1))).toEqual([202, policy, left(2)]);
  expect(standing(await post(3))).toEqual([429, policy, left(2)]);
  expect(standing(await post(2))).toEqual([202, policy, left(0)]);
  expect(standing(await post(1))).toEqual([429, policy, left(0)]);
  expect(standing(await post(4))).toEqual([413, null, null]);

  const headers = { 'X-Forwarded-For': '198.51.100.7' };
  const read = await app.request('/jobs', { headers });
  expect(standing(read)).toEqual([200, '"reads";q=60;w=3600', expect.stringContaining('"reads";r=59;')]);
});

test('without a limit there are no such headers', async () => {
  const app = testApp(null);
  expect(standing(await app.request('/jobs', { method: 'POST', body: '9' }))).toEqual([202, null, null]);
  expect(standing(await app.request('/jobs'))).toEqual([200, null, null]);
});
