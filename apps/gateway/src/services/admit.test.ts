import { once } from 'node:events';
import { problemSchema } from '@slipway/contract/problems';
import { afterEach, expect, test } from 'vitest';
import { key, type Options, role, testServices } from './test-services.ts';

const { upstream, gateway, close } = testServices();
afterEach(close);

test('without a key the service is not asked', async () => {
  const { seen, port } = await upstream();
  const { ask, open } = await gateway(port);
  const refused = await ask('/one', { 'X-API-Key': 'wrong' });
  expect(refused.headers).toMatchObject({ 'www-authenticate': 'Bearer', 'content-type': 'application/problem+json' });
  expect(problemSchema.parse(JSON.parse(refused.text))).toMatchObject({ status: 401, code: 'unauthorized' });
  expect(await open('/one')).toMatchObject({ status: 401, problem: { code: 'unauthorized' } });
  expect(seen).toEqual([]);
});

test.each([
  ['a header', [], { Authorization: `Bearer ${key}-not` }, 401, ''],
  ['the right header', [], { 'X-API-Key': key }, 101, ''],
  ['subprotocols', ['slipway', `slipway-key.${encodeURIComponent(key)}`], {}, 101, 'slipway'],
  [
    'subprotocols, and one of the service',
    ['slipway', `slipway-key.${encodeURIComponent(key)}`, 'chat'],
    {},
    101,
    'chat',
  ],
  ['a wrong subprotocol', ['slipway', 'slipway-key.wrong'], {}, 401, ''],
] as const)('a WebSocket by %s', async (_how, protocols, headers, status, chosen) => {
  const { seen, port } = await upstream();
  const { open } = await gateway(port);
  const opened = await open('/one/live?x=1', [...protocols], { ...headers });
  expect(opened.status).toBe(status);
  if (!opened.socket) return;
  expect(opened.socket.protocol).toBe(chosen);
  opened.socket.send('hello');
  expect(String((await once(opened.socket, 'message'))[0])).toBe('hello');
  expect(seen).toMatchObject([{ url: '/live?x=1', headers: { 'x-slipway-owner': 'alice' } }]);
  expect(JSON.stringify(seen)).not.toContain('today');
});

test('what is the operator’s asks for one, and is passed on without the session', async () => {
  const { seen, port } = await upstream();
  const session = { Cookie: '__Host-slipway=session', 'X-Slipway-Operator': 'true' };
  const closed = await gateway(port, { service: { access: 'admin' } });
  const refused = await closed.ask('/one', { ...session, 'X-API-Key': key });
  expect(JSON.parse(refused.text)).toMatchObject({ status: 401, code: 'sign_in_required' });
  expect(refused.headers).not.toHaveProperty('www-authenticate');
  expect(await closed.open('/one', [], session)).toMatchObject({
    status: 401,
    headers: expect.not.objectContaining({ 'www-authenticate': 'Bearer' }),
    problem: { code: 'sign_in_required' },
  });
  const { ask, open } = await gateway(port, { service: { access: 'admin' }, roleOf: role('operator') });
  expect((await ask('/one', { ...session, 'X-API-Key': key, Authorization: `Bearer ${key}` })).status).toBe(200);
  expect((await open('/one', [], session)).status).toBe(101);
  expect(seen).toMatchObject(Array(2).fill({ headers: { 'x-slipway-operator': 'true' } }));
  expect(JSON.stringify(seen)).not.toMatch(/session|today/);
  // what another site's page sends is for roleOf to see
  for (const answer of [
    await ask('/one', { ...session, Origin: 'https://evil.example' }),
    await open('/one', [], { ...session, Origin: 'https://evil.example' }),
  ])
    expect(answer.status).toBe(401);
});

test('who opens what is the operator’s in a browser is led to sign in and back, a viewer is not sent to and fro', async () => {
  const { seen, port } = await upstream();
  const closed = await gateway(port, { service: { access: 'admin' } });
  const to = '/admin/login?next=%2Fone%2Fa%3Fb%3Dc';
  for (const headers of [{ 'Sec-Fetch-Mode': 'navigate' }, { Accept: 'text/html,*/*' }] as Record<string, string>[])
    expect(await closed.ask('/one/a?b=c', headers)).toMatchObject({ status: 303, headers: { location: to } });
  for (const headers of [{ 'Sec-Fetch-Mode': 'cors', Accept: 'text/html' }, { Accept: '*/*' }] as Record<
    string,
    string
  >[])
    expect((await closed.ask('/one/a', headers)).status).toBe(401);
  expect((await closed.ask('/one/a', { 'Sec-Fetch-Mode': 'navigate' }, 'body')).status).toBe(401);
  const { ask } = await gateway(port, { service: { access: 'admin' }, roleOf: role('viewer') });
  const answer = await ask('/one/a', { Cookie: '__Host-slipway=session', 'Sec-Fetch-Mode': 'navigate' });
  expect(JSON.parse(answer.text)).toMatchObject({ status: 403, code: 'forbidden' });
  expect(seen).toEqual([]);
});

test('a key that comes as a subprotocol is never the service’s business; one in a header is where the house has no use', async () => {
  const { seen, port } = await upstream();
  const protocols = ['slipway', `slipway-key.${encodeURIComponent(key)}`];
  for (const options of [{ service: { access: 'public' } }, { keys: false }] as Options[])
    expect((await (await gateway(port, options)).open('/one', protocols)).status).toBe(101);
  expect(seen.map(({ headers }) => headers['x-api-key'])).toEqual([undefined, undefined]);
  const { open } = await gateway(port, { service: { access: 'public' } });
  await open('/one', [], { 'X-API-Key': 'theirs' });
  expect(seen.at(-1)?.headers['x-api-key']).toBe('theirs');
});

test.each(['a%0d%0aX-Evil', 'k%C5%93', '%E0'])(
  'a subprotocol that holds no key (%s) is 401, and in no log',
  async (shown) => {
    const { port } = await upstream();
    const lines: unknown[] = [];
    const note = (...line: unknown[]) => lines.push(line);
    const log = { debug: note, info: note, warn: note, error: note } as never;
    const { open } = await gateway(port, { log });
    expect(await open('/one', ['slipway', `slipway-key.${shown}`])).toMatchObject({ status: 401 });
    expect(lines).toEqual([[{ code: 'unauthorized', requestId: expect.any(String) }, 'WebSocket refused']]);
  },
);
