import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type OperatorEnv, operatorConfig } from '@slipway/config/operator';
import { CodedError } from '@slipway/contract/problems';
import { openQueues, type Queues } from '@slipway/queue/queues';
import { createLog } from '@slipway/runtime/log';
import { afterEach, expect, inject, test, vi } from 'vitest';
import { operatorCookies } from './cookies.ts';
import { openSessions } from './sessions.ts';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const step of cleanUp.splice(0).reverse()) await step();
});

async function redis(prefix: string = randomUUID()): Promise<Queues> {
  const queues = openQueues({ url: inject('redisUrl'), log: createLog('test', 'silent'), jobTtlSeconds: 60, prefix });
  cleanUp.push(() => queues.close());
  while (!(await queues.use(async () => true).catch(() => false))) await sleep(5);
  return queues;
}
const info = vi.fn();
const open = (queues: Queues, env: OperatorEnv = {}) =>
  openSessions({
    config: operatorConfig(env),
    queues,
    cookies: operatorCookies({ onSpace: false, port: 1 }),
    log: { info } as never,
  });
const ann = { name: 'ann', role: 'operator' } as const;
const none = new Headers();
const withCookie = (cookie: string) => ({
  method: 'GET',
  headers: new Headers({ Cookie: cookie.split(';')[0] ?? '' }),
});
const oauth = { OAUTH_CLIENT_ID: 'id', OAUTH_CLIENT_SECRET: 'secret' };

test.each([
  ['a password', { ADMIN_PASSWORD: 'correct horse battery' }],
  ['the secret of the Hub', oauth],
])('point 31: with %s a session outlives a restart that empties Redis', async (_what, env) => {
  const cookie = await open(await redis(), env).begin(none, ann);
  expect(await open(await redis(), env).find(withCookie(cookie))).toMatchObject(ann);
});

test('point 31: with neither it outlives a restart that does not, and no other', async () => {
  const prefix = randomUUID();
  const cookie = await open(await redis(prefix)).begin(none, ann);
  expect(await open(await redis(prefix)).find(withCookie(cookie))).toMatchObject(ann);
  expect(await open(await redis()).find(withCookie(cookie))).toBeNull();
});

test.each([
  ['password', { ADMIN_PASSWORD: 'correct horse battery' }, { ADMIN_PASSWORD: 'another one, newer' }],
  ['list', { ...oauth, ADMIN_USERS: ['ann'] }, { ...oauth, ADMIN_USERS: ['bob'] }],
])('another %s ends the sessions of before', async (_what, before, after) => {
  const queues = await redis();
  const cookie = await open(queues, before).begin(none, ann);
  expect(await open(queues, after).find(withCookie(cookie))).toBeNull();
});

test('a session ends after eight hours, whatever the browser keeps', async () => {
  const queues = await redis();
  const sessions = open(queues);
  const cookie = await sessions.begin(none, ann);
  expect(cookie).toContain('Max-Age=28800');
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 28_799_000 });
  expect(await sessions.find(withCookie(cookie))).toMatchObject(ann);
  vi.setSystemTime(Date.now() + 2_000);
  expect(await sessions.find(withCookie(cookie))).toBeNull();
});

test('all gateways on one Redis end a session together', async () => {
  const prefix = randomUUID();
  const [one, other] = [open(await redis(prefix), oauth), open(await redis(prefix), oauth)];
  const cookie = await one.begin(none, ann);
  await other.endAll(ann);
  expect(info.mock.calls).toEqual([[{ name: 'ann' }, 'everybody was signed out']]);
  expect(await one.find(withCookie(cookie))).toBeNull();
});

test('point 31: who signed in after everybody was signed out outlives a restart that empties Redis', async () => {
  const sessions = open(await redis(), oauth);
  const before = await sessions.begin(none, ann);
  await sessions.endAll(ann);
  const after = await sessions.begin(none, ann);
  expect(await sessions.find(withCookie(before))).toBeNull();
  expect(await sessions.find(withCookie(after))).toMatchObject(ann);
  const restarted = open(await redis(), oauth);
  expect(await restarted.find(withCookie(after))).toMatchObject(ann);
  await restarted.endAll(ann);
  expect(await restarted.find(withCookie(after))).toBeNull();
});

test('the clock may be set back after everybody was signed out: who signs in then is in, until the next time', async () => {
  const queues = await redis();
  const ahead = Date.now() + 60_000;
  await queues.use(({ redis, prefix }) => redis.set(`${prefix}:slipway:operator-ended`, ahead));
  const sessions = open(queues, oauth);
  const cookie = await sessions.begin(none, ann);
  expect(await sessions.find(withCookie(cookie))).toMatchObject(ann);
  await sessions.endAll(ann);
  expect(await sessions.find(withCookie(cookie))).toBeNull();
});

test('with Redis away who is signed in stays it, but what was never known is no session', async () => {
  const queues = await redis();
  let away = false;
  const unavailable = () => Promise.reject(new CodedError('queue_unavailable', 'away'));
  const flaky: Queues = { ...queues, use: (operation) => (away ? unavailable() : queues.use(operation)) };
  const sessions = open(flaky, oauth);
  const cookie = await sessions.begin(none, ann);
  away = true;
  expect(await sessions.find(withCookie(cookie))).toMatchObject(ann);
  await expect(open(flaky, oauth).find(withCookie(cookie))).rejects.toMatchObject({ code: 'queue_unavailable' });
  await expect(open(flaky).find(withCookie(cookie))).rejects.toMatchObject({ code: 'queue_unavailable' });
});

test('what waits for the provider is no session, and a session waits for none', async () => {
  const sessions = open(await redis());
  const pending = await sessions.keepPending(none, { state: 's', ...ann, since: 1 });
  expect(await sessions.findPending(withCookie(pending).headers)).toMatchObject({ state: 's' });
  expect(await sessions.find(withCookie(pending.replace('sign-in', 'operator')))).toBeNull();
  const session = await sessions.begin(none, ann);
  expect(await sessions.findPending(withCookie(session.replace('operator', 'sign-in')).headers)).toBeUndefined();
});
