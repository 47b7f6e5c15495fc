import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { jobListSchema } from '@slipway/contract/job-list';
import { type Job, jobSchema } from '@slipway/contract/jobs';
import { EventSource } from 'eventsource';
import { Webhook } from 'standardwebhooks';
import { Webhook as Svix } from 'svix';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Stack, startStack } from './stack.ts';

/** The rows of the native API through nginx on the running stack; apps/gateway/src/routes/api.test.ts has the details. */

const keys = { ann: 'key-of-ann-0123456789', bob: 'key-of-bob-0123456789' };
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const deliveries: { body: string; headers: Record<string, string> }[] = [];
const receiver = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  deliveries.push({ body: Buffer.concat(chunks).toString(), headers: request.headers as Record<string, string> });
  receiver.emit('delivery');
  response.end();
});
let stack: Stack;
beforeAll(async () => {
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  stack = await startStack({
    env: {
      ENGINE: 'extractive',
      API_KEYS: `ann:${keys.ann},bob:${keys.bob}`,
      RATE_LIMIT: '1000/1m',
      WEBHOOK_SECRETS: secret,
      WEBHOOK_ALLOWED_HOSTS: '127.0.0.1',
    },
  });
});
afterAll(async () => {
  receiver.close();
  await stack.remove();
});

const bodyOf = (text: string, more: object = {}) => JSON.stringify({ task: 'summarize', input: { text }, ...more });
const ask = (method: string, path: string, { headers = {}, body }: { headers?: object; body?: string } = {}) =>
  fetch(stack.url + path, {
    method,
    headers: { Authorization: `Bearer ${keys.ann}`, 'Content-Type': 'application/json', ...headers },
    ...(body !== undefined && { body }),
  });
const submit = async (text: string, more: object = {}, headers: object = {}) =>
  jobSchema.parse(await (await ask('POST', '/api/v1/jobs', { headers, body: bodyOf(text, more) })).json()) as Job;

test('Prefer: wait answers with the finished job, and the same key gives it again', async () => {
  const headers = { Prefer: 'wait=30', 'Idempotency-Key': 'first' };
  const answer = await ask('POST', '/api/v1/jobs', { headers, body: bodyOf('Waited for. To its end.') });
  expect([answer.status, answer.headers.get('Preference-Applied')]).toEqual([200, 'wait=30']);
  const job = jobSchema.parse(await answer.json());
  expect(job).toMatchObject({ state: 'succeeded', engine: 'extractive' });
  const again = await ask('POST', '/api/v1/jobs', { headers, body: bodyOf('Waited for. To its end.') });
  expect(again.headers.get('Idempotent-Replayed')).toBe('true');
  expect(((await again.json()) as Job).id).toBe(job.id);
});

test('a long poll ends with the job, a status that is known costs no body, a result is bare', async () => {
  const { urls } = await submit('Polled. To its end.');
  const ended = await ask('GET', `${urls.self}?wait=30`);
  const etag = ended.headers.get('ETag') ?? '';
  let job = (await ended.json()) as Job;
  // the first change may be its start
  while (job.finishedAt === null) job = (await (await ask('GET', `${urls.self}?wait=30`)).json()) as Job;
  expect(job.state).toBe('succeeded');
  const last = await ask('GET', urls.self);
  const same = await ask('GET', urls.self, { headers: { 'If-None-Match': last.headers.get('ETag') ?? etag } });
  expect(same.status).toBe(304);
  expect(await (await ask('GET', urls.result)).json()).toEqual(job.output);
});

test('the eventsource library has every event once, and stops at 204', async () => {
  const { urls } = await submit('Streamed. To its end.');
  const types: string[] = [];
  const source = new EventSource(stack.url + urls.events, {
    fetch: (url, init) => fetch(url, { ...init, headers: { ...init?.headers, Authorization: `Bearer ${keys.ann}` } }),
  });
  const closed = new Promise<void>((resolve) => {
    source.onerror = () => {
      if (source.readyState === source.CLOSED) resolve();
    };
  });
  for (const type of ['state', 'progress', 'output', 'log', 'done'])
    source.addEventListener(type, () => void types.push(type));
  await closed; // it reconnects after the end with the last id, and is told 204
  expect(types.filter((type) => type === 'done')).toEqual(['done']);
  expect(types).toContain('output');
});

test('a batch, a list of it, a retry of one and the erasing of another', async () => {
  const jobs = ['One. Two.', 'Three. Four.'].map((text) => JSON.parse(bodyOf(text, { tags: ['batch'] })));
  const answer = await ask('POST', '/api/v1/jobs/batch', { body: JSON.stringify({ jobs: [...jobs, {}] }) });
  expect(answer.status).toBe(202);
  const items = ((await answer.json()) as { jobs: { job?: Job; problem?: object }[] }).jobs;
  expect(items.map((item) => Object.keys(item))).toEqual([['job'], ['job'], ['problem']]);
  const [first, second] = items.map(({ job }) => job) as [Job, Job];
  const list = async (query: string, key: string = keys.ann) => {
    const answer = await ask('GET', `/api/v1/jobs?${query}`, { headers: { Authorization: `Bearer ${key}` } });
    return jobListSchema.parse(await answer.json()).jobs.map(({ id }) => id);
  };
  expect(await list('tag=batch')).toEqual([second.id, first.id]);
  expect(await list('q=four')).toEqual([second.id]);
  expect(await list('', keys.bob)).toEqual([]);
  while (((await (await ask('GET', `${first.urls.self}?wait=30`)).json()) as Job).finishedAt === null);
  const again = (await (await ask('POST', first.urls.retry)).json()) as Job;
  expect(again).toMatchObject({ retryOf: first.id, tags: ['batch'] });
  expect((await ask('DELETE', second.urls.self)).status).toBe(200);
  expect((await ask('GET', second.urls.result)).status).toBe(410);
});

test('a job is told to its webhook, signed', async () => {
  const { port } = receiver.address() as AddressInfo;
  const delivered = once(receiver, 'delivery');
  const { id, urls } = await submit('Told. To its end.', { webhook: { url: `http://127.0.0.1:${port}/hook` } });
  await delivered;
  const [{ body, headers }] = deliveries as [(typeof deliveries)[number]];
  expect(() => new Svix(secret).verify(body, headers)).not.toThrow();
  expect(() => new Svix(secret).verify(`${body} `, headers)).toThrow();
  expect(new Webhook(secret).verify(body, headers)).toMatchObject({ type: 'job.succeeded', data: { id } });
  const log = async () =>
    ((await (await ask('GET', `${urls.self}/deliveries`)).json()) as { deliveries: object[] }).deliveries;
  await expect.poll(log).toMatchObject([{ type: 'job.succeeded', attempt: 1, status: 200, error: null }]);
});

test('jobs of a higher priority go first, and one that waits is canceled at once', async () => {
  const worker = await stack.pid('worker');
  process.kill(worker, 'SIGSTOP');
  try {
    const jobs = [
      await submit('Low.', { priority: 'low' }),
      await submit('Normal.'),
      await submit('High.', { priority: 'high' }),
    ];
    const read = async ({ urls }: Job) => (await (await ask('GET', urls.self)).json()) as Job;
    expect((await Promise.all(jobs.map(read))).map(({ position }) => position)).toEqual([3, 2, 1]);
    const [low] = jobs as [Job];
    expect((await (await ask('POST', low.urls.cancel)).json()) as Job).toMatchObject({ state: 'canceled' });
  } finally {
    process.kill(worker, 'SIGCONT');
  }
});

test('a form with a document is a submission like another', async () => {
  const form = new FormData();
  form.set('task', 'summarize');
  form.set('tags', '["form"]');
  form.set('file', new File(['# A harbour\n\nShips left it long ago. It is a museum today.'], 'harbour.md'));
  const headers = { Authorization: `Bearer ${keys.ann}`, Prefer: 'wait=30' };
  const answer = await fetch(`${stack.url}/api/v1/jobs`, { method: 'POST', headers, body: form });
  expect(jobSchema.parse(await answer.json())).toMatchObject({ state: 'succeeded', tags: ['form'] });
});

test('without a right key there is nothing to see', async () => {
  const { urls } = await submit('Kept. From others.');
  const asked = async (authorization: string) =>
    (await ask('GET', urls.self, { headers: { Authorization: authorization } })).status;
  expect(await asked('Bearer key-of-nobody-0123456')).toBe(401);
  expect(await asked('')).toBe(401);
  expect(await asked(`Bearer ${keys.bob}`)).toBe(404);
});
