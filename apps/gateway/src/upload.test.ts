import { jobSchema } from '@slipway/contract/jobs';
import { problemSchema } from '@slipway/contract/problems';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { openTestApp, type TestApp } from './test-app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await openTestApp(inject('redisUrl'));
});
afterAll(() => app.close());

test('a document is read at submission; what cannot be read makes no job', async () => {
  const upload = (file: File, fields: Record<string, string> = { task: 'summarize' }) => {
    const body = new FormData();
    for (const [name, value] of Object.entries(fields)) body.set(name, value);
    body.set('file', file);
    return app.request('/api/v1/jobs', { method: 'POST', body });
  };
  const before = await app.jobCount();
  const taken = await upload(new File(['# A title\n\nSome *text*.'], 'a.md'));
  expect(taken.status).toBe(202);
  const { id } = jobSchema.parse(await taken.json());
  const data = await app.queues.use(async ({ queue }) => (await queue('summarize').getJob(id))?.data);
  expect(data?.input).toEqual({ text: 'A title\n\nSome text.' });
  expect(await app.jobCount()).toBe(before + 1);
  for (const [file, status, fields] of [
    [new File([''], 'empty.txt'), 422],
    [new File(['%PDF-1.7 and no more'], 'a.pdf'), 422],
    [new File([new Uint8Array([0x50, 0x4b, 3, 4, 9, 9, 9])], 'a.docx'), 422],
    [new File(['x'], 'a.txt'), 422, { task: 'chat' }],
    [new File(['x'], 'a.txt'), 422, { task: 'summarize', options: '{' }],
  ] as const) {
    const answer = await upload(file, fields);
    expect(answer.status).toBe(status);
    expect(problemSchema.parse(await answer.json()).errors?.[0]?.pointer).toMatch(/^\/(file|options)$/);
  }
  expect(await app.jobCount()).toBe(before + 1);
});

test('the parts of a form that are empty count as left out', async () => {
  const body = new FormData();
  const names = ['input', 'options', 'deadline', 'timeLimitMs', 'priority', 'tags', 'webhook'];
  for (const name of names) body.set(name, '');
  body.set('task', 'summarize');
  body.set('file', new File(['Some text.'], 'a.txt'));
  const taken = await app.request('/api/v1/jobs', { method: 'POST', body });
  expect(taken.status).toBe(202);
  expect(jobSchema.parse(await taken.json())).toMatchObject({ priority: 'normal', tags: [], deadline: null });
});
