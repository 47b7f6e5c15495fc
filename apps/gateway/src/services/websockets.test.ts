import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import type { OperatorRole } from '@slipway/contract/admin';
import { CodedError } from '@slipway/contract/problems';
import { afterEach, expect, test, vi } from 'vitest';
import type { WebSocket } from 'ws';
import { role, testServices } from './test-services.ts';

const { cleanups, listen, upstream, gateway, close } = testServices();
afterEach(close);

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
