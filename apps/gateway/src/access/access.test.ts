import { createHash } from 'node:crypto';
import { problemSchema } from '@slipway/contract/problems';
import { Hono } from 'hono';
import { expect, test } from 'vitest';
import type { AppEnv } from '../caller.ts';
import { toProblem } from '../problem.ts';
import { access } from './access.ts';
import { createKeyring } from './keys.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const key = 'alice-key-of-today';
const keyring = createKeyring([{ name: 'alice', sha256: sha256(key) }]);

/** Two routers behind one access: the native one, and one with an error shape of its own. */
function testApp(ring = keyring, onSpace = false) {
  const allow = access({ keyring: ring, onSpace });
  const dialect = new Hono<AppEnv>()
    .use(allow)
    .get('/hf', (c) => c.json(c.get('caller')))
    .onError((error, c) => c.json({ error: error.message }, 401));
  return new Hono<AppEnv>()
    .use('/api/v1/jobs/*', allow)
    .get('/api/v1/jobs', (c) => c.json(c.get('caller')))
    .get('/api/v1/jobs/:id', (c) => c.json(c.get('caller')))
    .get('/healthz', (c) => c.text('alive'))
    .route('/', dialect)
    .onError((error, c) => {
      const problem = toProblem(error, 'test');
      return c.json(problem, problem.status as 401);
    });
}
const bearer = (shown: string) => ({ headers: { Authorization: `Bearer ${shown}` } });
const from = (address: string) => ({ 'X-Forwarded-For': address });

test('the caller is the name of the key, for limits too', async () => {
  const app = testApp();
  for (const path of ['/api/v1/jobs', '/api/v1/jobs/x', '/hf'])
    expect(await (await app.request(path, bearer(key))).json()).toEqual({ owner: 'alice', client: 'key:alice' });
});

test('where the API is open the caller is an address, and a token is not minded', async () => {
  const app = testApp(createKeyring(undefined), true);
  const headers = { ...bearer('hf_token').headers, ...from('203.0.113.1, 198.51.100.7, 10.0.0.1') };
  const caller = await (await app.request('/api/v1/jobs', { headers })).json();
  expect(caller).toEqual({ owner: null, client: 'address:198.51.100.7' });
});

test.each([
  ['no key', {}],
  ['a wrong key', bearer('nobody-has-this-key')],
])('point 30: %s is 401 and says what is wanted, in the shape of each router', async (_what, init) => {
  const app = testApp();
  for (const path of ['/api/v1/jobs', '/api/v1/jobs/x', '/hf']) {
    const answer = await app.request(path, init);
    expect([answer.status, answer.headers.get('WWW-Authenticate')]).toEqual([401, 'Bearer']);
    const body: unknown = await answer.json();
    if (path === '/hf') expect(body).toEqual({ error: expect.stringContaining('Authorization: Bearer KEY') });
    else expect(problemSchema.parse(body)).toMatchObject({ code: 'unauthorized' });
  }
});

test('other routes need no key', async () => {
  expect((await testApp().request('/healthz')).status).toBe(200);
});

test('who tries keys is stopped by address, on all routers together, and then the right one tells nothing', async () => {
  const app = testApp();
  const status = async (path: string, shown: string, address: string) =>
    (await app.request(path, { headers: { 'X-API-Key': shown, ...from(address) } })).status;
  for (let i = 0; i < 10; i++) {
    expect(await status('/api/v1/jobs', `guess ${i}`, '198.51.100.7')).toBe(401);
    expect(await status('/hf', `guess ${i}`, `203.0.113.${i}, 198.51.100.7`)).toBe(401);
  }
  const refused = await app.request('/api/v1/jobs', { headers: { 'X-API-Key': key, ...from('198.51.100.7') } });
  expect([refused.status, refused.headers.get('RateLimit-Policy')]).toEqual([429, '"wrong-tries";q=20;w=60']);
  expect(refused.headers.get('RateLimit')).toMatch(/^"wrong-tries";r=0;t=\d+$/);
  expect(await status('/api/v1/jobs', key, '198.51.100.8')).toBe(200);
});

test('over the limit a key passes that was right from that address before, and no other', async () => {
  const [ann, bob] = ['a-key-that-ann-has', 'a-key-that-bob-has'];
  const ring = createKeyring([ann, bob].map((text) => ({ name: text.slice(11, 14), sha256: sha256(text) })));
  const app = testApp(ring);
  const status = async (shown: string, address: string) =>
    (await app.request('/hf', { headers: { 'X-API-Key': shown, ...from(address) } })).status;
  const problem = async (shown: string, address: string) => {
    const answer = await app.request('/api/v1/jobs', { headers: { 'X-API-Key': shown, ...from(address) } });
    return [answer.status, ((await answer.json()) as { code?: string }).code];
  };
  expect(await status(ann, '198.51.100.7')).toBe(200);
  for (let i = 0; i < 20; i++) expect((await problem(`guess ${i}`, '198.51.100.7'))[0]).toBe(401);
  // one right key gives its holder no leave to try for others, known there or not
  expect(await problem('another guess', '198.51.100.7')).toEqual([429, 'rate_limited']);
  expect(await problem(bob, '198.51.100.7')).toEqual([429, 'rate_limited']);
  expect((await problem(ann, '198.51.100.7'))[0]).toBe(200);
  // what was refused is not trusted by that
  expect(await problem(bob, '198.51.100.7')).toEqual([429, 'rate_limited']);
  // and elsewhere the same key is a stranger's
  for (let i = 0; i < 20; i++) await problem(`guess ${i}`, '198.51.100.8');
  expect(await problem(ann, '198.51.100.8')).toEqual([429, 'rate_limited']);
});

test('a missing key is no guess', async () => {
  const app = testApp();
  for (let i = 0; i < 30; i++) await app.request('/api/v1/jobs');
  expect((await app.request('/api/v1/jobs', bearer(key))).status).toBe(200);
});

test('what is thrown outside of a router never reaches its onError', async () => {
  const dialect = new Hono<AppEnv>().get('/hf', (c) => c.text('')).onError((_error, c) => c.text('dialect', 401));
  const app = new Hono<AppEnv>()
    .use(access({ keyring, onSpace: false }))
    .route('/', dialect)
    .onError((_error, c) => c.text('native', 401));
  expect(await (await app.request('/hf')).text()).toBe('native');
});
