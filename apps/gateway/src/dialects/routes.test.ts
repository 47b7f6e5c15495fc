import { CodedError } from '@slipway/contract/problems';
import { createLog } from '@slipway/runtime/log';
import { Hono } from 'hono';
import { requestId } from 'hono/request-id';
import { expect, test } from 'vitest';
import type { AppEnv } from '../caller.ts';
import { dialectError, dialectPaths, dialectRoutes } from './routes.ts';
import { createTestDesk } from './test-desk.ts';
import { testDeps } from './test-server.ts';

const deps = testDeps(createTestDesk(), new AbortController().signal);

test('the list of paths is that of the routes', () => {
  const served = dialectRoutes(deps)
    .routes.filter(({ method }) => method !== 'ALL')
    .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`);
  expect([...new Set(served)].toSorted()).toEqual([...dialectPaths].toSorted());
});

const openai = { error: { message: 'No such path.', type: 'invalid_request_error', code: 'not_found', param: null } };
const detail = { detail: 'No such path.' };

test.each([
  ['/hf/translation', { error: 'No such path.' }],
  ['/v1/embeddings', openai],
  ['/v1/predictions/a/b/c', { ...detail, status: 404 }],
])('%s is no path, and is told so in its dialect', async (path, body) => {
  const answer = await dialectRoutes(deps).request(path, { method: 'POST' });
  expect([answer.status, await answer.json()]).toEqual([404, body]);
});

test.each([
  ['/analyze', detail],
  ['/hf/summarization', { error: 'No such path.' }],
  ['/v1/models', openai],
  ['/v1/models/a/b', openai],
  ['/v1/models/a/b/predictions', { ...detail, status: 404 }],
  ['/v1/predictions', { ...detail, status: 404 }],
  ['/v1', openai],
  ['/v10', undefined],
  ['/api/v1/jobs', undefined],
])('what goes wrong on the way to %s is told in its dialect', async (path, body) => {
  const app = new Hono<AppEnv>().use(requestId()).all('*', (c) => {
    const answer = dialectError(c, new CodedError('not_found', 'No such path.'), createLog('test', 'silent'));
    return answer ?? c.body(null, 204);
  });
  const answer = await app.request(path);
  expect(answer.status === 204 ? undefined : await answer.json()).toEqual(body);
});
