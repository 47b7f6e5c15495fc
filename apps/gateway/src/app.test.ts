import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { jobSchema } from '@slipway/contract/jobs';
import { problemSchema } from '@slipway/contract/problems';
import { readinessSchema } from '@slipway/contract/readiness';
import { maxTextLength } from '@slipway/contract/text';
import { connectConsumer } from '@slipway/queue/connection';
import { openQueues, type Queues } from '@slipway/queue/queues';
import { openWatcher, type Watcher } from '@slipway/queue/watch';
import { announceWorker } from '@slipway/queue/workers';
import { createLog } from '@slipway/runtime/log';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { createApp } from './app.ts';
import { createFileReader } from './files/file-reader.ts';

const log = createLog('test', 'silent');
const maxBodyBytes = 4 * 1024 * 1024;
const models = {
  summarize: 'made/copier',
  'classify-text': 'made/lexicon',
  'classify-image': 'made/colours',
  chat: 'made/echo',
};
const never = new AbortController().signal;
const files = createFileReader({ log });
let queues: Queues;
let watcher: Watcher;
let app: ReturnType<typeof createApp>;

beforeAll(async () => {
  const prefix = randomUUID();
  queues = openQueues({ url: inject('redisUrl'), log, jobTtlSeconds: 60, prefix });
  watcher = openWatcher({ url: inject('redisUrl'), log, prefix });
  app = createApp({
    queues,
    watcher,
    files,
    log,
    maxBodyBytes,
    models: { ...models, 'classify-image': null },
    stopping: never,
  });
  while (!(await queues.use(async () => true).catch(() => false))) await sleep(5);
});
afterAll(async () => {
  watcher.close();
  files.close();
  await queues.close();
});

function post(
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = { 'Content-Type': 'application/json' },
) {
  return app.request('/api/v1/jobs', { method: 'POST', body, headers });
}
const submit = (value: unknown) => post(JSON.stringify(value));
const user = { role: 'user', content: 'Hello?' };
const chat = (messages: unknown) => submit({ task: 'chat', input: { messages } });
const summarize = (text: unknown, options?: unknown) => submit({ task: 'summarize', input: { text }, options });

async function jobCount() {
  return queues.use(({ queue }) => queue('summarize').getJobCountByTypes('prioritized', 'waiting'));
}

test('a job is taken with 202 and can be read at its Location', async () => {
  const answer = await summarize('Some text.');
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
  expect(read.headers.get('Cache-Control')).toBe('no-store');
  expect(jobSchema.parse(await read.json()).id).toBe(job.id);
});

test('text comes through to the letter', async () => {
  const text = 'Tab\there, "quotes", \u202Eright-to-left\u202C, 漢字, 👩‍🚀, \u{10FFFF} and \u0001.';
  const job = jobSchema.parse(await (await summarize(text)).json());
  const stored = await queues.use(({ queue }) => queue('summarize').getJob(job.id));
  expect(stored?.data.input).toEqual({ text });
});

describe('bad input is refused, names its field, and makes no job', () => {
  const cases: [
    name: string,
    send: () => Response | Promise<Response>,
    status: number,
    code: string,
    pointer?: string,
  ][] = [
    ['no body', () => post(''), 400, 'invalid_json'],
    ['half a body', () => post('{"task":"summ'), 400, 'invalid_json'],
    ['bytes that are not UTF-8', () => post(Uint8Array.from([0x22, 0xff, 0xfe, 0x22])), 400, 'invalid_encoding'],
    ['another media type', () => post('text', { 'Content-Type': 'text/plain' }), 415, 'unsupported_media_type'],
    ['no media type', () => post(Uint8Array.from([0x7b, 0x7d]), {}), 415, 'unsupported_media_type'],
    ['a list', () => submit([]), 422, 'invalid_input', ''],
    ['null', () => submit(null), 422, 'invalid_input', ''],
    ['no task', () => submit({ input: { text: 'x' } }), 422, 'invalid_input', '/task'],
    ['an unknown task', () => submit({ task: 'translate', input: {} }), 422, 'invalid_input', '/task'],
    ['a task of Object.prototype', () => submit({ task: 'constructor', input: {} }), 422, 'invalid_input', '/task'],
    ['no input', () => submit({ task: 'summarize' }), 422, 'invalid_input', '/input'],
    [
      'a misspelt field',
      () => submit({ task: 'summarize', input: { text: 'x' }, option: {} }),
      422,
      'invalid_input',
      '/option',
    ],
    ['no text', () => submit({ task: 'summarize', input: {} }), 422, 'invalid_input', '/input/text'],
    ['a number for text', () => summarize(7), 422, 'invalid_input', '/input/text'],
    ['an empty text', () => summarize(''), 422, 'invalid_input', '/input/text'],
    ['a blank text', () => summarize(' \n\t\u3000'), 422, 'invalid_input', '/input/text'],
    ['NUL in the text', () => summarize('a\0b'), 422, 'invalid_input', '/input/text'],
    ['half a surrogate pair', () => summarize('a\ud800b'), 422, 'invalid_input', '/input/text'],
    ['too long a text', () => summarize('x'.repeat(maxTextLength + 1)), 422, 'invalid_input', '/input/text'],
    ['an unknown engine', () => summarize('x', { engine: 'magic' }), 422, 'invalid_input', '/options/engine'],
    ['a negative bound', () => summarize('x', { maxTokens: -1 }), 422, 'invalid_input', '/options/maxTokens'],
    [
      'crossed bounds',
      () => summarize('x', { minTokens: 9, maxTokens: 3 }),
      422,
      'invalid_input',
      '/options/minTokens',
    ],
    ['another model', () => summarize('x', { model: 'a/b' }), 422, 'invalid_input', '/options/model'],
    ['a task that is turned off', () => submit({ task: 'classify-image', input: {} }), 422, 'task_disabled'],
    ['no messages', () => chat([]), 422, 'invalid_input', '/input/messages'],
    ['an unknown role', () => chat([{ role: 'robot', content: 'x' }]), 422, 'invalid_input', '/input/messages/0/role'],
    ['roles out of order', () => chat([user, user]), 422, 'invalid_input', '/input/messages/1/role'],
    [
      'the assistant last',
      () => chat([user, { role: 'assistant', content: 'x' }]),
      422,
      'invalid_input',
      '/input/messages',
    ],
    [
      'a negative count',
      () => submit({ task: 'classify-text', input: { text: 'x' }, options: { topK: -1 } }),
      422,
      'invalid_input',
      '/options/topK',
    ],
    ['a body over the limit', () => post('x'.repeat(maxBodyBytes + 1)), 413, 'body_too_large'],
  ];
  test.each(cases)('%s', async (_name, send, status, code, pointer) => {
    const before = await jobCount();
    const answer = await send();
    const problem = problemSchema.parse(await answer.json());
    expect(answer.headers.get('Content-Type')).toBe('application/problem+json');
    expect(problem).toMatchObject({ status, code, requestId: answer.headers.get('X-Request-Id') });
    expect(answer.status).toBe(status);
    if (pointer !== undefined) expect(problem.errors?.map((fault) => fault.pointer)).toEqual([pointer]);
    expect(await jobCount()).toBe(before);
  });

  test('an oversized body without a length', async () => {
    const chunk = new Uint8Array(1024 * 1024).fill(0x20);
    let sent = 0;
    const body = new ReadableStream({
      pull(controller) {
        sent += 1;
        controller.enqueue(chunk);
      },
    });
    const request = { method: 'POST', body, duplex: 'half', headers: { 'Content-Type': 'application/json' } };
    const answer = await app.request('/api/v1/jobs', request as RequestInit);
    expect(answer.status).toBe(413);
    expect(sent).toBeLessThan(8); // it was not read to the end (there is none)
  });

  test('of very many faults the first are told', async () => {
    const names = Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`field${i}`, 1]));
    const answer = await submit({ task: 'summarize', input: { text: 'x', ...names } });
    expect(problemSchema.parse(await answer.json()).errors).toHaveLength(20);
  });

  test('a long unknown name goes back cut, and several faults are told together', async () => {
    const answer = await submit({ task: 'summarize', input: { text: '', ['x'.repeat(10_000)]: 1 } });
    const problem = problemSchema.parse(await answer.json());
    expect(problem.errors?.map((fault) => fault.pointer.slice(0, 12))).toEqual(['/input/text', '/input/xxxxx']);
    expect(JSON.stringify(problem).length).toBeLessThan(1_000);
  });
});

test.each([
  ['/api/v1/jobs/nonsense', 404, 'job_not_found'],
  [`/api/v1/jobs/summarize_${'a'.repeat(22)}`, 404, 'job_not_found'],
  ['/api/v1/nowhere', 404, 'not_found'],
  ['/nowhere', 404, 'not_found'],
  ['/api/v1/jobs', 405, 'method_not_allowed'],
])('GET %s → %i %s', async (path, status, code) => {
  const answer = await app.request(path);
  expect(answer.status).toBe(status);
  expect(problemSchema.parse(await answer.json())).toMatchObject({ status, code });
});

test('405 says what is allowed', async () => {
  const answer = await app.request('/api/v1/jobs', { method: 'DELETE' });
  expect(answer.status).toBe(405);
  expect(answer.headers.get('Allow')).toBe('POST');
});

test("a caller's request id is kept, unless it could break a log line", async () => {
  const keep = await app.request('/healthz', { headers: { 'X-Request-Id': 'abc-123' } });
  expect(keep.headers.get('X-Request-Id')).toBe('abc-123');
  const drop = await app.request('/healthz', { headers: { 'X-Request-Id': '<script>' } });
  expect(drop.headers.get('X-Request-Id')).toMatch(/^[0-9a-f-]{36}$/);
});

test('without a worker the instance lives but is not ready, with one it says which engine answers', async () => {
  expect((await app.request('/healthz')).status).toBe(200);
  const redis = connectConsumer(inject('redisUrl'), log);
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

test('with Redis away submissions get 503 and a time to try again, and readiness says why', async () => {
  const away = openQueues({ url: 'unix:///nowhere/redis.sock', log, jobTtlSeconds: 60 });
  const lonely = createApp({ queues: away, watcher, files, log, maxBodyBytes, models, stopping: never });
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

const optionsOfCancel = { method: 'POST' };

test('a job can be canceled, and its result asked for when there is one', async () => {
  const { urls } = jobSchema.parse(await (await summarize('Some text.')).json());
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

test('the events of a job that has ended: its state, then done; 204 for one who has had them', async () => {
  const { urls } = jobSchema.parse(await (await summarize('Some text.')).json());
  await app.request(urls.cancel, optionsOfCancel);
  const answer = await app.request(urls.events);
  expect(answer.headers.get('Content-Type')).toContain('text/event-stream');
  const text = await answer.text();
  expect(text).toMatch(/^retry: 1000\n\nevent: state\ndata: .*"canceled".*\n\nevent: done\ndata: .*\nid: end\n\n$/);
  const back = await app.request(urls.events, { headers: { 'Last-Event-ID': 'end' } });
  expect(back.status).toBe(204);
  const strange = await app.request(urls.events, { headers: { 'Last-Event-ID': 'x y' } });
  expect(strange.status).toBe(400);
  expect((await app.request('/api/v1/jobs/summarize_aaaaaaaaaaaaaaaaaaaaaa/events')).status).toBe(404);
});

test('a deadline stands on the job; one in the past is refused', async () => {
  const body = (deadline: string) => ({ task: 'summarize', input: { text: 'x' }, deadline });
  const job = jobSchema.parse(await (await submit(body('2099-01-31T12:00:00+01:00'))).json());
  expect(job.deadline).toBe('2099-01-31T11:00:00.000Z');
  const late = await submit(body('2001-01-01T00:00:00Z'));
  expect(late.status).toBe(422);
  expect(problemSchema.parse(await late.json()).errors?.[0]?.pointer).toBe('/deadline');
});

test('a document is read at submission; what cannot be read makes no job', async () => {
  const upload = (file: File, fields: Record<string, string> = { task: 'summarize' }) => {
    const body = new FormData();
    for (const [name, value] of Object.entries(fields)) body.set(name, value);
    body.set('file', file);
    return app.request('/api/v1/jobs', { method: 'POST', body });
  };
  const before = await jobCount();
  const taken = await upload(new File(['# A title\n\nSome *text*.'], 'a.md'));
  expect(taken.status).toBe(202);
  const { id } = jobSchema.parse(await taken.json());
  const data = await queues.use(async ({ queue }) => (await queue('summarize').getJob(id))?.data);
  expect(data?.input).toEqual({ text: 'A title\n\nSome text.' });
  expect(await jobCount()).toBe(before + 1);
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
  expect(await jobCount()).toBe(before + 1);
});
