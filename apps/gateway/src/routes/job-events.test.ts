import { jobSchema } from '@slipway/contract/jobs';
import { addEvents, readEvents } from '@slipway/queue/events';
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

test('who comes back with the id of an event has those after it, and none again', async () => {
  const { id, urls } = jobSchema.parse(await (await app.summarize('Some text.')).json());
  const texts = ['One ', 'two ', 'three '];
  await app.queues.use(({ redis, prefix }) =>
    addEvents(redis, prefix, id, [
      { type: 'state', state: 'running', attempt: 1 },
      ...texts.map((text) => ({ type: 'output', text }) as const),
    ]),
  );
  await app.request(urls.cancel, { method: 'POST' });
  const ids = (await readEvents(app.queues, id, '0')).map((event) => event.id);
  const told = async (path: string, headers?: Record<string, string>) => {
    const text = await (await app.request(path, headers && { headers })).text();
    return [...text.matchAll(/^id: (.*)$/gm)].map(([, id]) => id);
  };
  expect(ids).toHaveLength(4);
  expect(await told(urls.events)).toEqual([...ids, 'end']);
  expect(await told(urls.events, { 'Last-Event-ID': ids[1] ?? '' })).toEqual([ids[2], ids[3], 'end']);
  expect(await told(`${urls.events}?lastEventId=${ids[2]}`)).toEqual([ids[3], 'end']);
  expect(await told(urls.events, { 'Last-Event-ID': ids[3] ?? '' })).toEqual(['end']);
});
