import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createAdaptorServer } from '@hono/node-server';
import { problemSchema } from '@slipway/contract/problems';
import { Hono } from 'hono';
import { afterAll, afterEach, expect, test } from 'vitest';
import { createProxy } from './proxy.ts';

const dir = mkdtempSync(path.join(tmpdir(), 'slipway-proxy-'));
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

async function listen(server: Server, where: object): Promise<Server> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(where, resolve));
  return server;
}

/** A proxy to an upstream, on a Unix socket; asks it for a path. */
async function proxyTo(upstream: string) {
  const proxy = createProxy(upstream);
  const app = new Hono<{ Bindings: never }>().use(proxy.middleware as never);
  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  server.on('upgrade', proxy.upgrade);
  const socketPath = path.join(dir, `${randomUUID().slice(0, 8)}.sock`);
  await listen(server, { path: socketPath });
  const ask = (url: string) =>
    new Promise<{ status: number | undefined; type: string | undefined; body: string }>((resolve, reject) => {
      const asked = request(
        { socketPath, path: url, headers: { 'X-Request-Id': 'r-1', Host: 'evil.example' } },
        (answer) => {
          let body = '';
          answer.on('data', (chunk) => (body += chunk));
          answer.on('end', () => resolve({ status: answer.statusCode, type: answer.headers['content-type'], body }));
        },
      );
      asked.once('error', reject).end();
    });
  return { ask, socketPath };
}

async function upstream(handler: (request: IncomingMessage, response: ServerResponse) => void) {
  const server = await listen(createServer(handler), { port: 0, host: '127.0.0.1' });
  const address = server.address();
  return { server, url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}` };
}

test('passes a request on and the answer back', async () => {
  const { url } = await upstream((request, response) => response.end(`you asked for ${request.url}`));
  const { ask } = await proxyTo(url);
  expect(await ask('/a?b=c')).toMatchObject({ status: 200, body: 'you asked for /a?b=c' });
});

test('an upstream that is not there is a problem that reflects nothing of the request', async () => {
  const { server, url } = await upstream(() => {});
  await new Promise((resolve) => server.close(resolve));
  const { ask } = await proxyTo(url);
  const { status, type, body } = await ask('/secret-path');
  expect([status, type]).toEqual([502, 'application/problem+json']);
  expect(problemSchema.parse(JSON.parse(body))).toMatchObject({ code: 'upstream_unavailable', requestId: 'r-1' });
  expect(body).not.toMatch(/evil|secret/);
});

test('a WebSocket that breaks on either side leaves the proxy alive', async () => {
  const { server, url } = await upstream((_request, response) => response.end('still here'));
  const upgraded = Promise.withResolvers<void>();
  server.on('upgrade', (_request, socket) => {
    socket.on('error', () => {});
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
    upgraded.resolve();
    // goes on writing after the other side is gone
    const timer = setInterval(() => socket.write('x'.repeat(65_536)), 1);
    socket.on('close', () => clearInterval(timer));
  });
  const { ask, socketPath } = await proxyTo(url);
  const client = connect(socketPath);
  client.write('GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
  await upgraded.promise;
  await new Promise((resolve) => client.once('data', resolve));
  client.destroy();
  await new Promise((resolve) => client.once('close', resolve));
  expect(await ask('/')).toMatchObject({ status: 200, body: 'still here' });
});
