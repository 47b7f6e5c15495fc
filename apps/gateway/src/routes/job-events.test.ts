import { jobSchema } from '@slipway/contract/jobs';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { openTestApp, type TestApp } from '../test-app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await openTestApp(inject('redisUrl'));
});
afterAll(() => app.close());

test('the events of a job that has ended: its state, then done; 204 for one who has had them', async () => {
  const { urls } = jobSchema.parse(await (await app.summarize('Some text.')).json());
  await app.request(urls.cancel, { method: 'POST' });
  const answer = await app.request(urls.events);
  expect(answer.headers.get('Content-Type')).toContain('text/event-stream');
  const text = await answer.text();
  expect(text).toMatch(/^retry: 1000\n\nevent: state\ndata: .*"canceled".*\n\nevent: done\ndata: .*\nid: end\n\n$/);
  const back = await app.request(urls.events, { headers: { 'Last-Event-ID': 'end' } });
  expect(back.status).toBe(204);
  const first = await app.request(`${urls.events}?lastEventId=`, { headers: { 'Last-Event-ID': '' } });
  expect(await first.text()).toBe(text);
  const strange = await app.request(urls.events, { headers: { 'Last-Event-ID': 'x y' } });
  expect(strange.status).toBe(400);
  expect((await app.request('/api/v1/jobs/summarize_aaaaaaaaaaaaaaaaaaaaaa/events')).status).toBe(404);
});
