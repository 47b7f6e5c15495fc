import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import type { RunningService } from '@slipway/config/running-services';
import type { OperatorRole } from '@slipway/contract/admin';
import { createLog, type Log } from '@slipway/runtime/log';
import { Hono } from 'hono';
import { requestId } from 'hono/request-id';
// biome-ignore lint/style/noRestrictedImports: only tests use this file
import { WebSocket, WebSocketServer } from 'ws';
import { identifier } from '../access/access.ts';
import { createKeyring } from '../access/keys.ts';
import type { AppEnv } from '../caller.ts';
import type { Asked } from '../operator/foreign.ts';
import { problemResponse } from '../problem.ts';
import { createServices, type Limits } from './services.ts';

export const key = 'alice/key%of-today';
const sha256 = createHash('sha256').update(key).digest('hex');

export interface Options {
  service?: Partial<RunningService>;
  keys?: boolean;
  roleOf?: (asked: Asked) => Promise<OperatorRole | null>;
  limits?: Limits;
  log?: Log;
}

export const silent = createLog('test', 'silent');
/** Gives the role to who has the session, and asks from no page of another site. */
export const role =
  (role: OperatorRole) =>
  async ({ headers }: Asked) =>
    headers.get('Cookie') === '__Host-slipway=session' && headers.get('Origin') === null ? role : null;

/** Services and gateways before them, until `close`. */
export function testServices() {
  const cleanups: (() => unknown)[] = [];
  async function close(): Promise<void> {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  }

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

  return { cleanups, close, listen, upstream, gateway };
}
