import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import type { RunningService } from '@slipway/config/running-services';
import type { OperatorRole } from '@slipway/contract/admin';
import { CodedError, problemSchema } from '@slipway/contract/problems';
import { createLog, type Log } from '@slipway/runtime/log';
import { Hono } from 'hono';
import { requestId } from 'hono/request-id';
import { afterEach, expect, test, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { identifier } from '../access/access.ts';
import { createKeyring } from '../access/keys.ts';
import type { AppEnv } from '../caller.ts';
import type { Asked } from '../operator/foreign.ts';
import { problemResponse } from '../problem.ts';
import { createServices, type Limits } from './services.ts';

const key = 'alice/key%of-today';
const sha256 = createHash('sha256').update(key).digest('hex');
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => server.close().closeAllConnections());
  return (server.address() as AddressInfo).port;
}

/** A service that tells what it was asked, and a WebSocket that says it first and then everything back. */
async function upstream() {
  const seen: { url: string; headers: IncomingHttpHeaders; body: string }[] = [];
  const server = createServer(async (asked, response) => {
    let body = '';
    for await (const chunk of asked) body += chunk;
    seen.push({ url: asked.url ?? '', headers: asked.headers, body });
    response.setHeader('X-Request-Id', 'theirs');
    if (asked.url === '/away') response.writeHead(307, { Location: '/login', 'Set-Cookie': 'a=1; Path=/' });
    response.end('served');
  });
  const sockets = new WebSocketServer({ server, handleProtocols: (offered) => offered.has('chat') && 'chat' });
  sockets.on('connection', (socket, asked: IncomingMessage) => {
    seen.push({ url: asked.url ?? '', headers: asked.headers, body: '' });
    socket.on('message', (data, binary) => socket.send(data, { binary }));
  });
  let connections = 0;
  server.on('connection', () => connections++);
  const breakAll = () => {
    for (const socket of sockets.clients) socket.terminate();
  };
  return { server, seen, breakAll, connections: () => connections, port: await listen(server) };
}

interface Options {
  service?: Partial<RunningService>;
  keys?: boolean;
  roleOf?: (asked: Asked) => Promise<OperatorRole | null>;
  limits?: Limits;
  log?: Log;
}

const silent = createLog('test', 'silent');
const role =
  (role: OperatorRole) =>
  async ({ headers }: Asked) =>
    headers.get('Cookie') === '__Host-slipway=session' && headers.get('Origin') === null ? role : null;

/** The services behind a gateway as main.ts wires them. */
async function gateway(
  port: number,
  { service = {}, keys = true, roleOf = async () => null, log = silent, limits }: Options = {},
) {
  const stopping = new AbortController();
  const running: RunningService = {
    name: 'one',
    dir: '/',
    command: ['x'],
    port,
    path: '/one',
    health: '/',
    access: 'key',
    websocket: true,
    env: [],
    ...service,
  };
  const services = createServices([running], {
    onSpace: false,
    identify: identifier({ keyring: createKeyring(keys ? [{ name: 'alice', sha256 }] : undefined), onSpace: false }),
    roleOf,
    log,
    ...(limits && { limits }),
    stopping: stopping.signal,
  });
  const app = new Hono<AppEnv & { Bindings: never }>()
    .use(requestId())
    .use(services.middleware as never)
    .get('*', (c) => c.text('not a service'))
    .onError((error, c) => problemResponse(c as never, error));
  const server = createAdaptorServer({
    fetch: app.fetch,
    serverOptions: { shouldUpgradeCallback: services.takesUpgrade },
  }) as Server;
  server.on('upgrade', services.upgrade);
  const own = await listen(server);

  /** Sends the path as it is, which fetch would tidy. */
  async function ask(path: string, headers: Record<string, string> = {}, body?: string) {
    const asked = request({ port: own, path, headers, method: body === undefined ? 'GET' : 'POST', agent: false });
    asked.end(body);
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    let text = '';
    for await (const chunk of answer) text += chunk;
    return { status: answer.statusCode, headers: answer.headers, text };
  }

  /** Opens a WebSocket; or what it was refused with. */
  async function open(path: string, protocols: string[] = [], headers: Record<string, string> = {}) {
    const socket = new WebSocket(`ws://127.0.0.1:${own}${path}`, protocols, { headers });
    cleanups.push(() => socket.terminate());
    const refused = once(socket, 'unexpected-response').then(async ([, answer]) => {
      let text = '';
      for await (const chunk of answer as IncomingMessage) text += chunk;
      const { statusCode: status, headers } = answer as IncomingMessage;
      return { socket: undefined, status, headers, problem: text.startsWith('{') ? JSON.parse(text) : text };
    });
    const opened = once(socket, 'open').then(() => ({
      socket,
      status: 101,
      headers: {} as IncomingHttpHeaders,
      problem: undefined,
    }));
    refused.catch(() => {});
    opened.catch(() => {});
    return Promise.race([refused, opened]);
  }
  return { port: own, ask, open, server, services, stop: () => stopping.abort() };
}

test('a request reaches the service under its own path, named, and without the key', async () => {
  const { seen, port } = await upstream();
  const { ask } = await gateway(port);
  const headers = { 'X-API-Key': key, 'X-Slipway-Owner': 'mallory', 'X-Request-Id': 'r-1', Cookie: 'slipway=s; b=2' };
  const answer = await ask('/one/two?three=4', headers, 'body');
  expect(answer).toMatchObject({ status: 200, text: 'served', headers: { 'x-request-id': 'r-1' } });
  expect(seen).toMatchObject([{ url: '/two?three=4', body: 'body' }]);
  expect(seen[0]?.headers).toMatchObject({ 'x-slipway-owner': 'alice', 'x-forwarded-prefix': '/one', cookie: 'b=2' });
  expect(JSON.stringify(seen)).not.toMatch(/mallory|today/);
  expect((await ask('/onetwo')).text).toBe('not a service');
});

test('Expect: 100-continue changes nothing of who asks', async () => {
  const { seen, port } = await upstream();
  const { ask } = await gateway(port);
  const headers = { 'X-API-Key': key, Expect: '100-continue', 'x-slipway-owner': 'mallory' };
  expect(await ask('/one', headers, 'body')).toMatchObject({ status: 200 });
  expect(seen).toMatchObject([{ url: '/', headers: { 'x-slipway-owner': 'alice' }, body: 'body' }]);
  expect(seen[0]?.headers).not.toHaveProperty('expect');
});

test('a Connection header neither takes away who asks nor the frame of the body', async () => {
  const { seen, port } = await upstream();
  const { port: own } = await gateway(port);
  const socket = connect(own, '127.0.0.1');
  cleanups.push(() => socket.destroy());
  const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n';
  socket.write(
    `GET /one HTTP/1.1\r\nHost: x\r\nX-API-Key: ${key}\r\nConnection: close, content-length, x-slipway-owner\r\n` +
      `X-Slipway-Owner: mallory\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`,
  );
  await once(socket, 'data'); // the answer, so all that was sent has been read
  expect(seen).toMatchObject([{ url: '/', headers: { 'x-slipway-owner': 'alice' }, body: smuggled }]);
});

test('without a key the service is not asked', async () => {
  const { seen, port } = await upstream();
  const { ask, open } = await gateway(port);
  const refused = await ask('/one', { 'X-API-Key': 'wrong' });
  expect(refused.headers).toMatchObject({ 'www-authenticate': 'Bearer', 'content-type': 'application/problem+json' });
  expect(problemSchema.parse(JSON.parse(refused.text))).toMatchObject({ status: 401, code: 'unauthorized' });
  expect(await open('/one')).toMatchObject({ status: 401, problem: { code: 'unauthorized' } });
  expect(seen).toEqual([]);
});

test.each(['/one/%2e%2e/admin', '/one/..%2fadmin', '/one/../admin'])('%s is refused', async (path) => {
  const { seen, port } = await upstream();
  const { ask, open } = await gateway(port, { service: { access: 'public' } });
  expect(JSON.parse((await ask(path)).text)).toMatchObject({ status: 400, code: 'invalid_request' });
  if (path.includes('%2f')) expect(await open(path)).toMatchObject({ status: 400 }); // the others its client tidies
  expect(seen).toEqual([]);
});

test('a redirect and a cookie stay within the path', async () => {
  const { port } = await upstream();
  const { ask } = await gateway(port, { service: { access: 'public' } });
  expect(await ask('/one/away')).toMatchObject({
    status: 307,
    headers: { location: '/one/login', 'set-cookie': ['a=1; Path=/one'] },
  });
});

test('a service that is not there is a problem, for a WebSocket too', async () => {
  const { server, port } = await upstream();
  server.close();
  await once(server, 'close');
  const { ask, open, services } = await gateway(port);
  const { status, headers, text } = await ask('/one/secret', { 'X-API-Key': key });
  expect([status, headers['content-type']]).toEqual([502, 'application/problem+json']);
  expect(problemSchema.parse(JSON.parse(text)).code).toBe('upstream_unavailable');
  expect(text).not.toContain('secret');
  expect(await open('/one', [], { 'X-API-Key': key })).toMatchObject({ problem: { code: 'upstream_unavailable' } });
  const reason = 'No answer to /: ECONNREFUSED.';
  expect(await services.health()).toEqual([{ name: 'service one', state: 'down', reason }]);
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

test('a WebSocket ends when the gateway stops, and when the service does', async () => {
  const { port, breakAll } = await upstream();
  const one = await gateway(port, { keys: false });
  const { socket } = await one.open('/one');
  const closed = once(socket as WebSocket, 'close');
  one.stop();
  await closed;
  const other = await gateway(port, { keys: false });
  const { socket: second } = await other.open('/one');
  const ended = once(second as WebSocket, 'close');
  breakAll();
  await ended;
});

test('where a service takes no WebSocket the request is one like others', async () => {
  const { port } = await upstream();
  const { ask } = await gateway(port, { service: { websocket: false, access: 'public' } });
  const upgrade = { Connection: 'Upgrade', Upgrade: 'websocket' };
  expect((await ask('/one', upgrade)).text).toBe('served');
  expect((await ask('/elsewhere', upgrade)).text).toBe('not a service');
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

test('an operator’s WebSocket ends within a minute of the session, and an outage ends none', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  cleanups.push(() => vi.useRealTimers());
  const { port } = await upstream();
  const roleOf = vi.fn(role('operator'));
  const { open } = await gateway(port, { service: { access: 'admin' }, roleOf });
  const { open: openByKey } = await gateway(port, { keys: false, roleOf: async () => null });
  const session = { Cookie: '__Host-slipway=session' };
  const [kept, ended] = [await open('/one', [], session), await openByKey('/one')].map(
    ({ socket }) => socket as WebSocket,
  );
  const isOpen = async (socket: WebSocket | undefined) => {
    socket?.send('still there');
    return String((await once(socket as WebSocket, 'message'))[0]) === 'still there';
  };
  vi.advanceTimersByTime(60_000);
  expect(await isOpen(kept)).toBe(true);
  roleOf.mockRejectedValueOnce(new CodedError('queue_unavailable', 'away'));
  vi.advanceTimersByTime(60_000);
  expect(await isOpen(kept)).toBe(true);
  expect(roleOf).toHaveBeenCalledTimes(3); // at the upgrade, and once a minute
  expect(roleOf.mock.lastCall?.[0].headers.get('Cookie')).toBe(session.Cookie);

  const closed = once(kept as WebSocket, 'close');
  roleOf.mockResolvedValue(null);
  vi.advanceTimersByTime(60_000);
  await closed;
  expect(await isOpen(ended)).toBe(true); // it was no operator's
  vi.advanceTimersByTime(60_000);
  expect(roleOf).toHaveBeenCalledTimes(4); // nobody is asked for what is closed
});

test('a WebSocket that goes while it is found out who asks is forgotten', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  cleanups.push(() => vi.useRealTimers());
  const { seen, port } = await upstream();
  const found = Promise.withResolvers<OperatorRole>();
  const asked = Promise.withResolvers<void>();
  const roleOf = vi.fn(() => {
    asked.resolve();
    return found.promise;
  });
  const { port: own, server } = await gateway(port, { service: { access: 'admin' }, roleOf });
  const gone = once(server, 'upgrade').then(([, socket]) => new Promise((resolve) => socket.once('close', resolve)));
  const client = connect(own, '127.0.0.1');
  client.write('GET /one HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  await asked.promise;
  client.resetAndDestroy(); // an end would wait for whoever reads
  await gone;
  found.resolve('operator');
  await found.promise;
  await new Promise(setImmediate);
  vi.advanceTimersByTime(60_000);
  expect(roleOf).toHaveBeenCalledTimes(1);
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

test('an upgrade that a service answers otherwise is held to the same as any answer', async () => {
  const server = createServer();
  server.on('upgrade', (asked, socket) => {
    if (asked.url === '/')
      socket.end(
        'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSet-Cookie: __Host-slipway=forged\r\n\r\n',
      );
    else
      socket.end(
        'HTTP/1.1 307 x\r\nLocation: /login\r\nSet-Cookie: a=1; Path=/\r\nSet-Cookie: __Host-slipway=forged\r\nContent-Length: 0\r\n\r\n',
      );
  });
  const { open, port: own } = await gateway(await listen(server), { service: { access: 'public' } });
  const { status, headers: told } = await open('/one/x');
  expect([status, told.location, told['set-cookie']]).toEqual([307, '/one/login', ['a=1; Path=/one']]);
  const client = connect(own, '127.0.0.1');
  cleanups.push(() => client.destroy());
  client.write('GET /one HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  const [head] = await once(client, 'data');
  expect(String(head)).toMatch(/^HTTP\/1.1 101 /);
  expect(String(head)).toMatch(/connection: upgrade\r\nupgrade: websocket/i);
  expect(String(head)).not.toContain('forged');
});

test('the log says once which service gave no answer, and why', async () => {
  const { server, port } = await upstream();
  server.close();
  await once(server, 'close');
  const warn = vi.fn();
  const { ask, open } = await gateway(port, { keys: false, log: { ...silent, warn, info() {}, debug() {} } as never });
  await ask('/one', { 'X-Request-Id': 'r-1' });
  await open('/one', [], { 'X-Request-Id': 'r-2' });
  const line = (requestId: string) => [{ service: 'one', code: 'ECONNREFUSED', requestId }, 'a service gave no answer'];
  expect(warn.mock.calls).toEqual([line('r-1'), line('r-2')]);
});

test('a caller who goes before the service answers is no fault of the service', async () => {
  const asked = Promise.withResolvers<{ gone: Promise<unknown> }>();
  const service = createServer().on('upgrade', (_asked, socket) => {
    asked.resolve({ gone: new Promise((resolve) => socket.on('error', resolve).once('end', resolve)) });
    socket.resume();
  });
  const warn = vi.fn();
  const log = { ...silent, warn, info() {}, debug() {} } as never;
  const { port: own } = await gateway(await listen(service), { keys: false, log });
  const client = connect(own, '127.0.0.1');
  client.write('GET /one HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  const { gone } = await asked.promise;
  client.resetAndDestroy();
  await gone;
  expect(warn).not.toHaveBeenCalled();
});

test('a service that never answers is given up, for a WebSocket too', async () => {
  const port = await listen(createServer(() => {}).on('upgrade', () => {}));
  const limits = { silenceMs: 50, upgradeMs: 60_000 };
  expect((await (await gateway(port, { keys: false, limits })).ask('/one')).status).toBe(502);
  const other = await gateway(port, { keys: false, limits: { silenceMs: 60_000, upgradeMs: 50 } });
  expect(await other.open('/one')).toMatchObject({ problem: { code: 'upstream_unavailable' } });
});

test('no connection to a service is kept', async () => {
  const { connections, port } = await upstream();
  const { ask } = await gateway(port, { keys: false });
  for (let i = 0; i < 3; i++) expect((await ask('/one')).headers['x-request-id']).not.toBe('theirs');
  expect(connections()).toBe(3);
});

test('a service that answers badly is told of', async () => {
  const { port } = await upstream();
  const { services } = await gateway(port);
  expect(await services.health()).toEqual([{ name: 'service one', state: 'ok', reason: 'Answers at /one.' }]);
  const failing = createServer((_asked, response) => response.writeHead(500).end());
  const broken = await gateway(await listen(failing));
  expect(await broken.services.health()).toMatchObject([{ state: 'degraded', reason: expect.stringContaining('500') }]);
});
