import { problemSchema } from '@slipway/contract/problems';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Stack, startStack } from './stack.ts';

/** What is refused, through nginx on the running stack. */

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ env: { ENGINE: 'extractive', RATE_LIMIT: '5/1h', MAX_QUEUE_DEPTH: '2' } });
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
  } finally {
    process.kill(worker, 'SIGCONT');
  }
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
