import { createHash } from 'node:crypto';
import { newJobId } from '@slipway/contract/jobs';
import { readinessSchema } from '@slipway/contract/readiness';
import { noteArchive } from '@slipway/queue/archive/state';
import { cancelJob } from '@slipway/queue/cancel';
import { submit } from '@slipway/queue/test-queues';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { openTestApp, type TestApp } from './test-app.ts';

const dataset = 'ann/jobs';
const apiKeys = [{ name: 'ann', sha256: createHash('sha256').update('a-key-of-ann').digest('hex') }];
const headers = { Authorization: 'Bearer a-key-of-ann' };
let app: TestApp;
beforeEach(async () => {
  app = await openTestApp(inject('redisUrl'), { dataset, apiKeys });
});
afterEach(() => app.close());

async function ask(path: string) {
  const answer = await app.request(`/api/v1/jobs${path}`, { headers });
  return { status: answer.status, retryAfter: answer.headers.get('retry-after'), body: await answer.json() };
}
const unknown = () => ask(`/${newJobId('summarize')}`);

async function part(of = app) {
  const answer = await of.request('/readyz');
  return readinessSchema.parse(await answer.json()).parts.find(({ name }) => name === 'archive');
}

test('a job that may yet come back is not told to be lost', async () => {
  expect(await unknown()).toMatchObject({ status: 503, retryAfter: '3', body: { code: 'queue_unavailable' } });
  expect(await ask('')).toMatchObject({ status: 503, retryAfter: '3' });
  await noteArchive(app.queues, { restore: 'late' });
  expect(await unknown()).toMatchObject({ status: 503 });
  expect(await ask('')).toMatchObject({ status: 200 });
  await noteArchive(app.queues, { restore: 'done', dataset: 'ann/other' });
  expect(await unknown()).toMatchObject({ status: 503 });
  await noteArchive(app.queues, { restore: 'done', dataset });
  expect(await unknown()).toMatchObject({ status: 404, body: { code: 'job_not_found' } });
  expect(await ask('')).toMatchObject({ status: 200 });
});

test('where the Hub refuses, nothing comes back', async () => {
  await noteArchive(app.queues, { restore: 'refused' });
  expect(await unknown()).toMatchObject({ status: 404 });
});

test('jobs are taken and found while others are brought back', async () => {
  const body = JSON.stringify({ task: 'summarize', input: { text: 'Some text.' } });
  const answer = await app.post(body, { ...headers, 'Content-Type': 'application/json' });
  expect(answer.status).toBe(202);
  const { id } = (await answer.json()) as { id: string };
  expect(await ask(`/${id}`)).toMatchObject({ status: 200 });
});

test('readiness tells when the archive was up to date, how much it lacks, and what is wrong', async () => {
  expect(await part()).toMatchObject({ state: 'degraded', reason: expect.stringContaining('not all brought back') });
  const pushedAt = Date.UTC(2030, 0, 31);
  await noteArchive(app.queues, { restore: 'done', dataset, pushedAt, fault: '' });
  expect(await part()).toEqual({
    name: 'archive',
    state: 'ok',
    reason: 'Up to date at 2030-01-31T00:00:00.000Z. No ended jobs wait to be archived.',
  });
  await cancelJob(app.queues, await submit(app.queues));
  await noteArchive(app.queues, { fault: 'the Hub answered 401' });
  const { state, reason = '' } = (await part()) ?? {};
  expect(state).toBe('degraded');
  expect(reason).toContain('About 1 ended jobs');
  expect(reason).toContain('the Hub answered 401. HF_TOKEN must');
  expect(reason).not.toContain(dataset);
});

test('an archive that is asked for without a token is told of; where none is asked for there is no such part', async () => {
  const without = await openTestApp(inject('redisUrl'), { dataset, canAsk: false });
  expect(await part(without)).toMatchObject({ state: 'degraded', reason: expect.stringContaining('without HF_TOKEN') });
  expect((await without.request(`/api/v1/jobs/${newJobId('summarize')}`)).status).toBe(404);
  await without.close();
  const none = await openTestApp(inject('redisUrl'));
  expect(await part(none)).toBeUndefined();
  await none.close();
});
