import type { Job } from '@slipway/contract/jobs';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createApp } from '../app.ts';
import { openTestApp, type TestApp } from '../test-app.ts';

const page = 'https://app.example';
const headers = { Origin: page };
const preflight = {
  ...headers,
  'Access-Control-Request-Method': 'POST',
  'Access-Control-Request-Headers': 'authorization,content-type,x-stainless-lang',
};
let app: TestApp;
let shut: TestApp['request'];
let listed: TestApp['request'];
let open: TestApp['request'];
beforeAll(async () => {
  app = await openTestApp(inject('redisUrl'), { rateLimit: { requests: 1, seconds: 3_600 }, signInFile: '/nowhere' });
  const withOrigins = (allowedOrigins: string[] | '*') => createApp({ ...app.deps, allowedOrigins }).request;
  shut = app.request;
  listed = withOrigins([page]);
  open = withOrigins('*');
});
afterAll(() => app.close());

const allowed = (answer: Response) => answer.headers.get('Access-Control-Allow-Origin');
const submission = (headers: Record<string, string>) => ({
  method: 'POST',
  headers: { ...headers, 'Content-Type': 'application/json' },
  body: JSON.stringify({ task: 'summarize', input: { text: 'A text.' } }),
});

const paths = [
  '/api/v1/jobs',
  '/api/v1/tasks',
  '/v1/chat/completions',
  '/v1/predictions',
  '/hf/summarization',
  '/analyze',
];

test.each(paths)(
  'a browser is told that a page of a named origin may ask %s, with its headers and no cookies',
  async (path) => {
    const answer = await listed(path, { method: 'OPTIONS', headers: preflight });
    expect([answer.status, allowed(answer)]).toEqual([204, page]);
    expect(answer.headers.get('Access-Control-Allow-Methods')).toBe('GET,HEAD,POST,DELETE');
    expect(answer.headers.get('Access-Control-Allow-Headers')).toBe('authorization,content-type,x-stainless-lang');
    expect(answer.headers.get('Access-Control-Max-Age')).toBe('600');
    expect(answer.headers.get('Vary')).toContain('Origin');
    expect(answer.headers.has('Access-Control-Allow-Credentials')).toBe(false);
  },
);

test.each(paths)('%s: another origin may not, and without the variable nobody may', async (path) => {
  const other = { ...preflight, Origin: 'https://other.example' };
  expect(allowed(await listed(path, { method: 'OPTIONS', headers: other }))).toBeNull();
  const answer = await shut(path, { method: 'OPTIONS', headers: preflight });
  expect([answer.status, allowed(answer)]).toEqual([405, null]);
  expect(allowed(await open(path, { method: 'OPTIONS', headers: other }))).toBe('*');
});

test('answers and refusals can be read by the page, with the headers that clients need', async () => {
  const [taken, limited] = [
    await listed('/api/v1/jobs', submission(headers)),
    await listed('/api/v1/jobs', submission(headers)),
  ];
  expect([taken.status, limited.status]).toEqual([202, 429]);
  const refused = [
    limited,
    await listed('/v1/chat/completions', submission(headers)),
    await listed('/hf/summarization', submission(headers)),
    await listed('/analyze', { method: 'POST', headers }),
    await listed('/api/v1/jobs/nonsense', { headers }),
    await listed('/api/v1/nowhere', { headers }),
    await listed('/v1/nowhere', { headers }),
    await listed('/api/v1/jobs', { method: 'PUT', headers }),
    await listed('/api/v1/jobs', { ...submission(headers), body: 'x'.repeat(app.deps.maxBodyBytes + 1) }),
  ];
  expect(refused.map(({ status }) => status)).toEqual([429, 429, 429, 429, 404, 404, 404, 405, 413]);
  const { urls } = (await taken.json()) as Job;
  const events = await listed(urls.events, { headers });
  await events.body?.cancel();
  for (const answer of [taken, events, ...refused]) {
    expect(allowed(answer)).toBe(page);
    expect(answer.headers.get('Vary')).toBe('Origin');
    expect(answer.headers.get('Access-Control-Expose-Headers')?.split(',')).toEqual(
      expect.arrayContaining(['ETag', 'Location', 'Retry-After', 'RateLimit', 'RateLimit-Policy', 'X-Request-Id']),
    );
  }
});

test.each([
  ['GET', '/api/v1/admin/state', 401],
  ['OPTIONS', '/api/v1/admin/state', 403],
  ['OPTIONS', '/api/v1/%61dmin/state', 403],
  ['POST', '/api/v1/admin/sign-out', 403],
  ['GET', '/admin/login', 200],
  ['POST', '/admin/login', 403],
  ['GET', '/metrics', 200],
  ['GET', '/nowhere', 404],
])('%s %s stays shut whatever is allowed', async (method, path, status) => {
  const answer = await open(path, { method, headers: preflight });
  expect([answer.status, allowed(answer), answer.headers.get('Access-Control-Expose-Headers')]).toEqual([
    status,
    null,
    null,
  ]);
});
