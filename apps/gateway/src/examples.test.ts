import { jobSchema } from '@slipway/contract/jobs';
import { openapiDocument } from '@slipway/contract/openapi/document';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { openTestApp, type TestApp } from './test-app.ts';

/** The examples of the reference are sent as they stand there, so that what people copy works. */

let app: TestApp;
beforeAll(async () => {
  app = await openTestApp(inject('redisUrl'));
});
afterAll(() => app.close());

const { paths } = openapiDocument();
const examplesOf = (path: string, mediaType: string) =>
  Object.entries(paths[path]?.post?.requestBody?.content[mediaType]?.examples ?? {});
const json = { 'Content-Type': 'application/json' };

test.each(examplesOf('/api/v1/jobs', 'application/json'))('the submission "%s" is taken', async (name, { value }) => {
  const answer = await app.post(JSON.stringify(value));
  // turned off in these tests
  if (name === 'classify-image') expect(answer.status).toBe(422);
  else expect(jobSchema.parse(await answer.json())).toMatchObject({ task: name, state: 'queued' });
});

test.each(examplesOf('/api/v1/jobs', 'multipart/form-data'))('the form "%s" is taken', async (name, { value }) => {
  const form = new FormData();
  for (const [part, text] of Object.entries(value as Record<string, string>))
    if (part === 'file') form.append(part, new File(['# A title\n\nSome text.'], text.replace('.pdf', '.md')));
    else form.append(part, text);
  const answer = await app.request('/api/v1/jobs', { method: 'POST', body: form });
  if (name === 'classify-image') expect(answer.status).toBe(422);
  else expect(jobSchema.parse(await answer.json())).toMatchObject({ task: name, state: 'queued' });
});

test.each(examplesOf('/api/v1/jobs/{id}/retry', 'application/json'))(
  'the retry "%s" is taken',
  async (_name, { value }) => {
    const { urls } = jobSchema.parse(await (await app.summarize('Some text.')).json());
    await app.request(urls.cancel, { method: 'POST' });
    const answer = await app.request(urls.retry, { method: 'POST', headers: json, body: JSON.stringify(value) });
    expect(answer.status).toBe(202);
  },
);
