import { afterEach, beforeEach, expect, test } from 'vitest';
import { openHub } from './hub.ts';
import { retryAfterMs } from './hub-fault.ts';
import { type HubStandIn, startHubStandIn } from './test-hub.ts';

let standIn: HubStandIn;
beforeEach(async () => {
  standIn = await startHubStandIn();
});
afterEach(() => standIn.close());

const open = (options: { token?: string; requestMs?: number } = {}) =>
  openHub({ endpoint: standIn.endpoint, dataset: standIn.dataset, token: standIn.token, ...options });
const put = (files: Record<string, string>, remove: string[] = []) => ({ put: new Map(Object.entries(files)), remove });

test('the dataset is made, private, and files come back as they were put', async () => {
  const hub = open();
  await hub.prepare();
  await hub.prepare();
  expect(standIn.repository?.private).toBe(true);
  expect(standIn.calls.filter((call) => call.startsWith('create'))).toHaveLength(1);
  await hub.commit('two', put({ 'jobs/a.jsonl': 'Zürich 🏔\n', 'jobs/b.jsonl': 'b' }));
  expect(await hub.read('jobs/a.jsonl')).toBe('Zürich 🏔\n');
  await hub.commit('one goes', put({ 'jobs/b.jsonl': 'bb' }, ['jobs/a.jsonl']));
  expect(await hub.read('jobs/a.jsonl')).toBeUndefined();
  expect((await hub.list()).get('jobs/b.jsonl')).toMatchObject({ size: 2 });
  expect(standIn.commits).toEqual(['two', 'one goes']);
});

test('a listing of several pages is read to its end', async () => {
  const hub = open();
  await hub.prepare();
  standIn.pageSize = 3;
  await hub.commit('many', put(Object.fromEntries([...'abcdefgh'].map((name) => [`jobs/${name}`, name]))));
  expect([...(await hub.list()).keys()].filter((path) => path.startsWith('jobs/'))).toHaveLength(8);
});

test('large files go their own way, and are not sent twice', async () => {
  const hub = open();
  await hub.prepare();
  standIn.lfsFrom = 1_000;
  const text = 'x'.repeat(5_000);
  await hub.commit('large', put({ 'open/a': text, 'open/b': 'small' }));
  await hub.commit('again', put({ 'open/c': text }));
  expect(await hub.read('open/c')).toBe(text);
  expect(standIn.calls.filter((call) => call.startsWith('put'))).toHaveLength(1);
});

test('a public dataset gets no jobs', async () => {
  standIn.repository = { private: false, files: new Map() };
  const prepared = open().prepare();
  await expect(prepared).rejects.toThrow('is public');
  await expect(prepared).rejects.toMatchObject({ isRefusal: true });
});

test('that somebody else makes the dataset at the same time is no fault', async () => {
  standIn.accident = (call, _request, response) => {
    if (call !== 'info') return false;
    response.writeHead(404).end();
    standIn.repository ??= { private: true, files: new Map() };
    return true;
  };
  await open().prepare();
  expect(standIn.calls.some((call) => call.startsWith('create'))).toBe(true);
});

test.each([
  [429, { 'retry-after': '7' }, 7_000],
  [429, { ratelimit: '"api";r=0;t=55' }, 55_000],
  [429, { 'retry-after': '2592000' }, 3_600_000],
  [412, {}, undefined],
  [503, {}, undefined],
])('point 39: %d with %j is told with the time to wait', async (status, headers, ms) => {
  const hub = open();
  await hub.prepare();
  standIn.accident = (call, request, response) => {
    if (call !== 'commit') return false;
    request.resume().once('end', () => response.writeHead(status, headers).end('{"error":"not now"}'));
    return true;
  };
  const fault = hub.commit('x', put({ a: 'a' }));
  await expect(fault).rejects.toMatchObject({ name: 'HubFault', status, retryAfterMs: ms });
  await expect(fault).rejects.not.toThrow(/127|hf_/);
});

test('a connection that is cut, before or within an answer, and a hub that says nothing are faults', async () => {
  const hub = open({ requestMs: 200 });
  await hub.prepare();
  await hub.commit('x', put({ a: 'a'.repeat(1_000) }));
  standIn.accident = (_call, request) => !!request.socket.destroy();
  await expect(hub.list()).rejects.toThrow('could not be reached');
  standIn.accident = (_call, request, response) => {
    if (request.headers.range) return false;
    response.writeHead(200, { 'content-length': '1000' }).write('half', () => request.socket.destroy());
    return true;
  };
  await expect(hub.read('a')).rejects.toThrow('could not be reached');
  standIn.accident = () => true;
  await expect(hub.list()).rejects.toThrow('took too long');
});

test('a token that is none is named, and not said', async () => {
  await expect(open({ token: 'secret' }).prepare()).rejects.toThrow('HF_TOKEN must begin with hf_');
  await expect(open({ token: 'hf_wrong' }).prepare()).rejects.toThrow('the Hub answered 401');
});

test('a window that is not used up asks for nothing', () => {
  expect(retryAfterMs(new Headers({ ratelimit: '"api";r=10;t=55' }))).toBeUndefined();
  expect(retryAfterMs(undefined)).toBeUndefined();
});
