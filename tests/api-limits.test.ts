import { problemSchema } from '@slipway/contract/problems';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { childrenOf, type Stack, startStack } from './stack.ts';

/** What is refused, through nginx on the running stack. */

const page = 'https://app.example';
let stack: Stack;
beforeAll(async () => {
  stack = await startStack({
    env: { ENGINE: 'extractive', RATE_LIMIT: '5/1h', MAX_QUEUE_DEPTH: '2', ALLOWED_ORIGINS: page },
  });
});
afterAll(() => stack.remove());

const submit = (headers: Record<string, string> = {}) =>
  fetch(`${stack.url}/api/v1/jobs`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify({ task: 'summarize', input: { text: 'Some text. And more.' } }),
  });
const refusal = async (answer: Response) => {
  expect(answer.headers.get('Content-Type')).toBe('application/problem+json');
  expect(Number(answer.headers.get('Retry-After'))).toBeGreaterThan(0);
  return [answer.status, problemSchema.parse(await answer.json()).code];
};

test('a full queue and too many requests are told apart, each with a time to come back', async () => {
  // a worker that stands still keeps what waits waiting
  const worker = await stack.pid('worker');
  process.kill(worker, 'SIGSTOP');
  try {
    const taken = [await submit(), await submit()];
    expect(taken.map(({ status }) => status)).toEqual([202, 202]);
    expect(taken[0]?.headers.get('RateLimit-Policy')).toBe('"submissions";q=5;w=3600');
    expect(taken[1]?.headers.get('RateLimit')).toMatch(/^"submissions";r=3;t=\d+$/);
    expect(await refusal(await submit())).toEqual([429, 'queue_full']);
    await submit();
    await submit();
    expect(await refusal(await submit())).toEqual([429, 'rate_limited']);
    // a forged address is nobody else
    expect(await refusal(await submit({ 'X-Forwarded-For': '203.0.113.9' }))).toEqual([429, 'rate_limited']);
    // a page of another origin learns it too
    const { headers } = await submit({ Origin: page });
    expect(headers.get('Access-Control-Allow-Origin')).toBe(page);
    expect(headers.get('Access-Control-Expose-Headers')?.split(',')).toContain('Retry-After');
  } finally {
    process.kill(worker, 'SIGCONT');
  }
});

test('a page of a named origin may ask the API and the dialects; the operator is out of its reach', async () => {
  const asked = async (method: string, path: string, origin = page) => {
    const asks = { 'Access-Control-Request-Method': 'POST', 'Access-Control-Request-Headers': 'x-api-key' };
    const { status, headers } = await fetch(stack.url + path, { method, headers: { Origin: origin, ...asks } });
    return [status, headers.get('Access-Control-Allow-Origin'), headers.get('Access-Control-Allow-Headers')];
  };
  for (const path of ['/api/v1/jobs', '/v1/chat/completions', '/hf/summarization', '/analyze'])
    expect(await asked('OPTIONS', path)).toEqual([204, page, 'x-api-key']);
  expect(await asked('GET', '/api/v1/jobs')).toEqual([403, page, null]);
  expect(await asked('GET', '/v1/models')).toEqual([200, page, null]);
  expect(await asked('GET', '/v1/models', 'https://other.example')).toEqual([200, null, null]);
  expect(await asked('OPTIONS', '/api/v1/admin/state')).toEqual([403, null, null]);
  expect(await asked('GET', '/api/v1/admin/state')).toEqual([401, null, null]);
  expect(await asked('POST', '/api/v1/admin/sign-out-everywhere')).toEqual([403, null, null]);
});

test.each([
  ['/healthz', 200, 'application/json'],
  ['/readyz', 200, 'application/json'],
  ['/api/v1/tasks', 200, 'application/json'],
  ['/api/v1/models', 200, 'application/json'],
  ['/openapi.json', 200, 'application/json'],
  ['/docs', 200, 'text/html'],
  ['/metrics', 200, 'text/plain'],
  ['/', 200, 'text/html'],
  ['/api/v1/jobs', 403, 'application/problem+json'],
  ['/api/v1/jobs/summarize_aaaaaaaaaaaaaaaaaaaaaa', 404, 'application/problem+json'],
  ['/api/v1/nowhere', 404, 'application/problem+json'],
])('GET %s is %i', async (path, status, type) => {
  const answer = await fetch(stack.url + path);
  expect([answer.status, answer.headers.get('Content-Type')?.split(';')[0]]).toEqual([status, type]);
});

test('with Redis out of reach it is 503 and a time to come back, but for the client that would ask again at once', async () => {
  const [redis] = await childrenOf(await stack.pid('redis'));
  if (redis === undefined) throw new Error('there is no redis-server');
  process.kill(redis, 'SIGSTOP');
  try {
    const hub = fetch(`${stack.url}/hf/summarization`, { method: 'POST', body: '{"inputs":"A text."}' });
    const ready = fetch(`${stack.url}/readyz`);
    expect(await refusal(await submit())).toEqual([503, 'queue_unavailable']);
    expect([(await hub).status, (await ready).status]).toEqual([502, 503]);
  } finally {
    process.kill(redis, 'SIGCONT');
  }
});
