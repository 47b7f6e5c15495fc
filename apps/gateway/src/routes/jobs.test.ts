import { jobSchema } from '@slipway/contract/jobs';
import { problemSchema } from '@slipway/contract/problems';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { openTestApp, type TestApp } from '../test-app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await openTestApp(inject('redisUrl'));
});
afterAll(() => app.close());

test('a job is taken with 202 and can be read at its Location', async () => {
  const answer = await app.summarize('Some text.');
  expect(answer.status).toBe(202);
  const job = jobSchema.parse(await answer.json());
  expect(job).toMatchObject({
    task: 'summarize',
    state: 'queued',
    engine: null,
    urls: { self: `/api/v1/jobs/${job.id}` },
  });
  expect(answer.headers.get('Location')).toBe(job.urls.self);
  expect(Number(answer.headers.get('Retry-After'))).toBeGreaterThan(0);

  const read = await app.request(job.urls.self);
  expect(read.status).toBe(200);
  expect(read.headers.get('Cache-Control')).toBe('private, no-cache');
  expect(jobSchema.parse(await read.json()).id).toBe(job.id);
});

const optionsOfCancel = { method: 'POST' };

test('a job can be canceled, and its result asked for when there is one', async () => {
  const { urls } = jobSchema.parse(await (await app.summarize('Some text.')).json());
  const early = await app.request(urls.result);
  expect([early.status, problemSchema.parse(await early.json()).code]).toEqual([409, 'job_unfinished']);
  const canceled = await app.request(urls.cancel, optionsOfCancel);
  expect(canceled.status).toBe(200);
  expect(jobSchema.parse(await canceled.json())).toMatchObject({ state: 'canceled', error: { code: 'canceled' } });
  const none = await app.request(urls.result);
  expect([none.status, problemSchema.parse(await none.json()).code]).toEqual([409, 'job_without_result']);
  const again = await app.request(urls.cancel, optionsOfCancel);
  expect(jobSchema.parse(await again.json()).state).toBe('canceled');
  const unknown = await app.request('/api/v1/jobs/summarize_aaaaaaaaaaaaaaaaaaaaaa/cancel', optionsOfCancel);
  expect(unknown.status).toBe(404);
});
