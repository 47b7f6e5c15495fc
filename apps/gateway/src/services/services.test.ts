import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import type { RunningService } from '@slipway/config/running-services';
import { problemSchema } from '@slipway/contract/problems';
import { createLog } from '@slipway/runtime/log';
import { Hono } from 'hono';
import { requestId } from 'hono/request-id';
import { afterEach, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { identifier } from '../access/access.ts';
import { createKeyring } from '../access/keys.ts';
import type { AppEnv } from '../caller.ts';
import { problemResponse } from '../problem.ts';
import { createServices } from './services.ts';

const key = 'alice/key of today';
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
    if (asked.url === '/away') response.writeHead(307, { Location: '/login', 'Set-Cookie': 'a=1; Path=/' });
    response.end('served');
  });
  const sockets = new WebSocketServer({ server, handleProtocols: (offered) => offered.has('chat') && 'chat' });
  sockets.on('connection', (socket, asked: IncomingMessage) => {
    seen.push({ url: asked.url ?? '', headers: asked.headers, body: '' });
    socket.on('message', (data, binary) => socket.send(data, { binary }));
  });
  const breakAll = () => {
    for (const socket of sockets.clients) socket.terminate();
  };
  return { server, seen, breakAll, port: await listen(server) };
}

interface Options {
  service?: Partial<RunningService>;
  keys?: boolean;
  operator?: boolean;
}

/** The services behind a gateway as main.ts wires them. */
async function gateway(port: number, { service = {}, keys = true, operator = false }: Options = {}) {
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
    isOperator: async (headers) =>
      operator && headers.get('Cookie') === '__Host-slipway=session' && headers.get('Origin') === null,
    log: createLog('test', 'silent'),
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
      return { socket: undefined, status: (answer as IncomingMessage).statusCode, problem: JSON.parse(text) };
    });
    const opened = once(socket, 'open').then(() => ({ socket, status: 101, problem: undefined }));
    refused.catch(() => {});
    opened.catch(() => {});
    return Promise.race([refused, opened]);
  }
  return { port: own, ask, open, services, stop: () => stopping.abort() };
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
    headers: { location: '/one/login', 'set-cookie': ['a=1; Path=/one/'] },
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
  expect(await services.health()).toEqual([{ name: 'service one', state: 'down', reason: expect.any(String) }]);
});

test.each([
  ['a header', [], { Authorization: `Bearer ${key.replaceAll(' ', '')}` }, 401, ''],
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
  expect((await closed.ask('/one', { ...session, 'X-API-Key': key })).status).toBe(401);
  expect(await closed.open('/one', [], session)).toMatchObject({ status: 401, problem: { code: 'unauthorized' } });
  const { ask, open } = await gateway(port, { service: { access: 'admin' }, operator: true });
  expect((await ask('/one', session)).status).toBe(200);
  expect((await open('/one', [], session)).status).toBe(101);
  expect(seen).toMatchObject(Array(2).fill({ headers: { 'x-slipway-operator': 'true' } }));
  expect(JSON.stringify(seen)).not.toContain('session');
  // what another site's page sends is for isOperator to see
  for (const answer of [
    await ask('/one', { ...session, Origin: 'https://evil.example' }),
    await open('/one', [], { ...session, Origin: 'https://evil.example' }),
  ])
    expect(answer.status).toBe(401);
});

test('a service that answers badly is told of', async () => {
  const { port } = await upstream();
  const { services } = await gateway(port);
  expect(await services.health()).toEqual([{ name: 'service one', state: 'ok', reason: 'Answers at /one.' }]);
  const failing = createServer((_asked, response) => response.writeHead(500).end());
  const broken = await gateway(await listen(failing));
  expect(await broken.services.health()).toMatchObject([{ state: 'degraded', reason: expect.stringContaining('500') }]);
});
