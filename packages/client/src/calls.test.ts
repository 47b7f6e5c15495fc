import { afterEach, expect, test, vi } from 'vitest';
import { createClient } from './client.ts';
import type { Fetch } from './request.ts';
import { clientOf, clientWith, json } from './test-client.ts';
import { failed, problem, queued, running, succeeded } from './test-jobs.ts';

const at = 'https://slip.test/api/v1';
const webhook = { url: 'https://example.org/hook', events: ['job.failed' as const] };

afterEach(() => {
  vi.useRealTimers();
});

test('the key goes with every call, the stream too, and keeps its other headers', async () => {
  const sent: [string, string | null, string | null][] = [];
  const send: Fetch = async (url, init) => {
    const headers = new Headers(init.headers);
    sent.push([url, headers.get('authorization'), headers.get('accept') ?? headers.get('content-type')]);
    return url.endsWith('/events') ? new Response(null, { status: 204 }) : json(succeeded);
  };
  const client = createClient({ baseUrl: 'https://slip.test', apiKey: 'k1', fetch: send });
  await client.submit('summarize', { text: 'Long.' });
  await client.get(queued.id);
  for await (const _ of client.stream(queued.id));
  expect(sent).toEqual([
    [`${at}/jobs`, 'Bearer k1', 'application/json'],
    [`${at}/jobs/${queued.id}`, 'Bearer k1', null],
    [`${at}/jobs/${queued.id}/events`, 'Bearer k1', 'text/event-stream'],
    [`${at}/jobs/${queued.id}`, 'Bearer k1', null],
  ]);
  const open = clientWith({ apiKey: '' }, () => json(queued));
  await open.client.get(queued.id);
  expect(new Headers(open.calls[0]?.[1].headers).get('authorization')).toBeNull();
});

test('terms go as JSON and as parts of a form', async () => {
  const { client, calls } = clientOf(() => json(queued, 202));
  const terms = { priority: 'high', tags: ['a', 'b'], webhook } as const;
  await client.submit('summarize', { text: 'Long.' }, undefined, terms);
  await client.submitFile('classify-image', new Blob(['x']), { topK: 3 }, terms);
  expect(JSON.parse(String(calls[0]?.[1].body))).toEqual({ task: 'summarize', input: { text: 'Long.' }, ...terms });
  const body = calls[1]?.[1].body as FormData;
  const form = [...body.entries()].filter(([name]) => name !== 'file');
  expect(form).toEqual([
    ['task', 'classify-image'],
    ['options', '{"topK":3}'],
    ['priority', 'high'],
    ['tags', '["a","b"]'],
    ['webhook', JSON.stringify(webhook)],
  ]);
});

test('submitMany tells of each what became of it', async () => {
  const news = { ...problem, code: 'from_the_future' };
  const { client, calls } = clientOf(() => json({ jobs: [{ job: queued }, { problem: news }] }, 202));
  const taken = await client.submitMany([
    { task: 'summarize', input: { text: 'Long.' }, tags: ['a'], deadline: new Date('2030-01-31T12:00:00Z') },
    { task: 'classify-text', input: { text: '' } },
  ]);
  expect(taken).toEqual([{ job: queued }, { problem: news }]);
  expect(calls[0]?.[0]).toBe(`${at}/jobs/batch`);
  expect(JSON.parse(String(calls[0]?.[1].body))).toEqual({
    jobs: [
      { task: 'summarize', input: { text: 'Long.' }, tags: ['a'], deadline: '2030-01-31T12:00:00.000Z' },
      { task: 'classify-text', input: { text: '' } },
    ],
  });
});

test.each([
  ['too few answers', { jobs: [] }],
  ['neither job nor problem', { jobs: [{}] }],
  ['something else', null],
])('%s to a batch are not those of the service', async (_, body) => {
  const { client } = clientOf(() => json(body, 202));
  const answer = client.submitMany([{ task: 'summarize', input: { text: 'Long.' } }]);
  await expect(answer).rejects.toThrow('Something other than the service answered (HTTP 202).');
});

test('get may wait for news', async () => {
  const { client, calls } = clientOf(() => json(running));
  expect(await client.get(queued.id, { waitSeconds: 20 })).toEqual(running);
  expect(calls[0]?.[0]).toBe(`${at}/jobs/${queued.id}?wait=20`);
});

const { output: _, ...listed } = { ...succeeded, excerpt: 'Long.' };

test('list asks for what it is told to and takes errors that are not known here', async () => {
  const jobs = [listed, { ...listed, ...failed, error: { code: 'from_the_future', message: 'Odd.' } }];
  const { client, calls } = clientOf(() => json({ jobs, nextCursor: null }));
  const query = { tag: 'a/b', q: 'two words', from: new Date('2026-01-02T03:04:05Z'), limit: 2, state: undefined };
  const page = await client.list(query);
  expect(page).toEqual({ jobs, nextCursor: null });
  expect(calls[0]?.[0]).toBe(`${at}/jobs?tag=a%2Fb&q=two+words&from=2026-01-02T03%3A04%3A05.000Z&limit=2`);
  await client.list();
  expect(calls[1]?.[0]).toBe(`${at}/jobs`);
});

test('listAll goes through all pages, an empty one too, and only as far as the loop does', async () => {
  const pages = [
    { jobs: [listed], nextCursor: 'c 1' },
    { jobs: [], nextCursor: 'c2' },
    { jobs: [listed, listed], nextCursor: null },
  ];
  const { client, calls } = clientOf(...pages.map((page) => () => json(page)));
  let count = 0;
  for await (const job of client.listAll({ task: 'summarize' })) if (job.excerpt === 'Long.') count++;
  expect(count).toBe(3);
  expect(calls.map(([url]) => url)).toEqual([
    `${at}/jobs?task=summarize`,
    `${at}/jobs?task=summarize&cursor=c+1`,
    `${at}/jobs?task=summarize&cursor=c2`,
  ]);

  const first = clientOf(() => json(pages[0]));
  for await (const _ of first.client.listAll()) break;
  expect(first.calls).toHaveLength(1);
});

test('retry makes a new job, as it was or edited', async () => {
  const { client, calls } = clientOf(() => json({ ...queued, retryOf: failed.id }, 202));
  expect((await client.retry(failed.id)).retryOf).toBe(failed.id);
  await client.retry<'summarize'>(failed.id, { options: { length: 'long' } });
  expect(calls.map(([url, { method, body }]) => [url, method, body])).toEqual([
    [`${at}/jobs/${failed.id}/retry`, 'POST', undefined],
    [`${at}/jobs/${failed.id}/retry`, 'POST', '{"options":{"length":"long"}}'],
  ]);
});

test('erase, deliveries, tasks and models', async () => {
  const erasedAt = '2026-01-02T03:04:05.000Z';
  const delivery = { id: 'd', type: 'job.failed', attempt: 1, at: erasedAt, status: 500, error: 'no', nextAt: null };
  const model = { task: 'chat', id: 'a/b', revision: null, dtype: null, device: null, deviceReason: null };
  const models = [{ ...model, state: null, reason: 'Nobody has told.' }];
  const { client, calls } = clientOf(
    () => json({ ...failed, erasedAt }),
    () => json({ deliveries: [delivery] }),
    () => json({ tasks: [] }),
    () => json({ models }),
  );
  expect((await client.erase(failed.id)).erasedAt).toBe(erasedAt);
  expect(await client.deliveries(failed.id)).toEqual([delivery]);
  expect(await client.tasks()).toEqual([]);
  expect(await client.models()).toEqual(models);
  expect(calls.map(([url, { method }]) => [url, method])).toEqual([
    [`${at}/jobs/${failed.id}`, 'DELETE'],
    [`${at}/jobs/${failed.id}/deliveries`, undefined],
    [`${at}/tasks`, undefined],
    [`${at}/models`, undefined],
  ]);
});

test('what a newer service says of a job is passed on: its error, and what made it', async () => {
  const odd = { ...failed, engine: 'quantum', error: { code: 'from_the_future', message: 'Odd.' } };
  const { client } = clientOf(() => json(odd));
  expect(await client.get(queued.id)).toEqual(odd);
  expect(await client.wait(queued.id)).toEqual(odd);
  const event = `event: done\ndata: ${JSON.stringify({ type: 'done', job: odd })}\nid: end\n\n`;
  const send: Fetch = async () => new Response(event, { headers: { 'Content-Type': 'text/event-stream' } });
  const told = [];
  for await (const happened of createClient({ baseUrl: 'https://slip.test', fetch: send }).stream(queued.id))
    told.push(happened);
  expect(told).toEqual([{ type: 'done', job: odd, id: 'end' }]);
});

test('without a stream wait has the service hold its answer until there is news of what it has', async () => {
  vi.useFakeTimers();
  const tagged = (job: unknown, etag: string) => () => json(job, 200, { ETag: etag });
  const held = (answer: () => Response) => () =>
    new Promise<Response>((resolve) => setTimeout(() => resolve(answer()), 20_000));
  const { client, calls } = clientOf(
    tagged(queued, '"1"'),
    held(() => new Response(null, { status: 304, headers: { ETag: '"1"' } })),
    held(tagged(running, '"2"')),
    held(tagged(succeeded, '"3"')),
  );
  const started = performance.now();
  const job = client.wait(queued.id);
  await vi.runAllTimersAsync();
  expect(await job).toEqual(succeeded);
  expect(performance.now() - started).toBe(60_000);
  expect(calls.map(([url, init]) => [url.slice(-8), new Headers(init.headers).get('if-none-match')])).toEqual([
    [queued.id.slice(-8), null],
    ['?wait=25', '"1"'],
    ['?wait=25', '"1"'],
    ['?wait=25', '"2"'],
  ]);
});

test('where something on the way cuts held answers, wait asks without', async () => {
  vi.useFakeTimers();
  const { client, calls } = clientOf(
    () => json(queued),
    () => new Response('', { status: 504 }),
    () => json(running),
    () => json(succeeded),
  );
  const job = client.wait(queued.id);
  await vi.runAllTimersAsync();
  expect(await job).toEqual(succeeded);
  expect(calls.map(([url]) => url.includes('wait='))).toEqual([false, true, false, false]);
});
