import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { problemSchema } from '@slipway/contract/problems';
import { afterEach, expect, test, vi } from 'vitest';
import { key, silent, testServices } from './test-services.ts';

const { listen, upstream, gateway, close } = testServices();
afterEach(close);

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

test('a service that answers badly is told of', async () => {
  const { port } = await upstream();
  const { services } = await gateway(port);
  expect(await services.health()).toEqual([{ name: 'service one', state: 'ok', reason: 'Answers at /one.' }]);
  const failing = createServer((_asked, response) => response.writeHead(500).end());
  const broken = await gateway(await listen(failing));
  expect(await broken.services.health()).toMatchObject([{ state: 'degraded', reason: expect.stringContaining('500') }]);
});
