import { CodedError } from '@slipway/contract/problems';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
beforeEach(async () => {
  server = await startTestServer();
});
afterEach(() => server.close());

async function analyze(query: string, body?: string, type?: string) {
  const headers = type === undefined ? {} : { 'Content-Type': type };
  const answer = await fetch(`${server.url}/analyze${query}`, { method: 'POST', headers, ...(body && { body }) });
  return { status: answer.status, headers: answer.headers, body: await answer.json() };
}

test.each([
  ['?text=I+love%20it', undefined, undefined],
  ['', '{"text":"I love it"}', 'application/json'],
  ['', 'text=I+love+it', 'application/x-www-form-urlencoded'],
])('the text in %j or %j', async (query, body, type) => {
  const answer = await analyze(query, body, type);
  expect(answer).toMatchObject({ status: 200, body: { sentiment: 'POSITIVE', score: 0.99 } });
  expect(server.desk.taken).toMatchObject([
    { task: 'classify-text', input: { text: 'I love it' }, options: { topK: 1 } },
  ]);
});

test.each([
  ['', undefined, undefined, ['query', 'text'], 'is required'],
  ['?text=', undefined, undefined, ['query', 'text'], 'must not be empty or blank'],
  ['', '{"text":7}', 'application/json', ['body', 'text'], 'must be a string'],
  ['', 'a=b', 'application/x-www-form-urlencoded', ['body', 'text'], 'is required'],
])('a fault has its place, as FastAPI tells it: %j %j', async (query, body, type, loc, msg) => {
  const answer = await analyze(query, body, type);
  expect(answer).toMatchObject({ status: 422, body: { detail: [{ type: 'invalid_input', loc, msg }] } });
});

test.each([
  ['', '{', 'application/json', 400, 'The body must be one JSON value.'],
  ['', 'hello', 'text/plain', 415, 'Send ?text=, a JSON object or a form with the field text.'],
  ['', `"${'a'.repeat(70_000)}"`, 'application/json', 413, 'The body may have at most 65536 bytes.'],
])('everything else is a sentence: %j', async (query, body, type, status, detail) => {
  expect(await analyze(query, body, type)).toMatchObject({ status, body: { detail } });
});

test('overload, a queue that is away, and a job that fails', async () => {
  server.desk.plan = { refuse: new CodedError('rate_limited', 'Too many.', { retryAfterSeconds: 3.2 }) };
  const limited = await analyze('?text=a');
  expect(limited).toMatchObject({ status: 429, body: { detail: 'Too many.' } });
  expect(limited.headers.get('Retry-After')).toBe('4');
  server.desk.plan = { refuse: new CodedError('queue_unavailable', 'Redis is away.') };
  const away = await analyze('?text=a');
  expect([away.status, away.headers.get('Retry-After')]).toEqual([503, '2']);
  server.desk.plan = { end: { state: 'failed', error: { code: 'model_unavailable', message: 'There is no model.' } } };
  expect(await analyze('?text=a')).toMatchObject({ status: 503, body: { detail: 'There is no model.' } });
});

test('an error that nobody foresaw tells nothing of itself', async () => {
  server.desk.plan = { refuse: new TypeError('secret') as never };
  const answer = await analyze('?text=a');
  expect(answer).toMatchObject({ status: 500, body: { detail: 'The log tells more under this request id.' } });
});

test('who has waited too long is told so, and the job is canceled', async () => {
  server.desk.plan = { slow: true };
  expect(await analyze('?text=a')).toMatchObject({ status: 504 });
  expect(server.desk.canceled).toHaveLength(1);
});
