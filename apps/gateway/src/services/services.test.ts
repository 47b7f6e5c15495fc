import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { key, testServices } from './test-services.ts';

const { cleanups, upstream, gateway, close } = testServices();
afterEach(close);

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

test('where a service takes no WebSocket the request is one like others', async () => {
  const { port } = await upstream();
  const { ask } = await gateway(port, { service: { websocket: false, access: 'public' } });
  const upgrade = { Connection: 'Upgrade', Upgrade: 'websocket' };
  expect((await ask('/one', upgrade)).text).toBe('served');
  expect((await ask('/elsewhere', upgrade)).text).toBe('not a service');
});

test('no connection to a service is kept', async () => {
  const { connections, port } = await upstream();
  const { ask } = await gateway(port, { keys: false });
  for (let i = 0; i < 3; i++) expect((await ask('/one')).headers['x-request-id']).not.toBe('theirs');
  expect(connections()).toBe(3);
});
