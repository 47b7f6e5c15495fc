import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { guardedLookup, type Resolve } from './guarded-connect.ts';
import { send } from './send.ts';
import { parseTarget } from './target.ts';
import { openReceiver } from './test-receiver.ts';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

async function receiver(...args: Parameters<typeof openReceiver>) {
  const opened = await openReceiver(...args);
  cleanUp.push(opened.close);
  return opened;
}

const post = (url: string, allowed: string[] = [], options: Parameters<typeof send>[3] = {}) =>
  send(parseTarget(url, allowed), { 'content-type': 'text/plain' }, 'body', options);

const refused = { status: null, isFinal: true, error: 'The address of the host is not a public one.' };

/** Answers each look-up with the next of these; the last one again and again. */
function answers(...lists: string[][]): { resolve: Resolve; asked: string[] } {
  const asked: string[] = [];
  const resolve: Resolve = (hostname, _options, callback) => {
    const list = lists[Math.min(asked.length, lists.length - 1)] ?? [];
    asked.push(hostname);
    callback(
      null,
      list.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  };
  return { resolve, asked };
}

test.each(['127.0.0.1', '[::1]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '169.254.169.254', '10.0.0.1', 'localhost'])(
  'nothing is sent to %s',
  async (host) => {
    const { port, received } = await receiver();
    expect(await post(`http://${host}:${port}/`)).toEqual(refused);
    expect(await post(`https://${host}:${port}/`)).toEqual(refused);
    expect(received).toEqual([]);
  },
);

test('a name with one private address among public ones is refused', async () => {
  const { port, received } = await receiver();
  const { resolve } = answers(['8.8.8.8', '127.0.0.1']);
  expect(await post(`http://hooks.example:${port}/`, [], { resolve })).toEqual(refused);
  expect(received).toEqual([]);
});

test('a name that answers otherwise the second time: the address that was checked is the one that is connected to', async () => {
  const { port, received } = await receiver();
  const { resolve, asked } = answers(['127.0.0.1'], ['10.255.255.1']);
  const host = `hooks.internal:${port}`;
  expect(await post(`http://${host}/`, [host], { resolve })).toEqual({ status: 204 });
  expect(asked).toEqual(['hooks.internal']);
  expect(received[0]?.headers.host).toBe(host);
});

test('a name that was public and turns private is refused at its next connection', async () => {
  const { port, received } = await receiver();
  const { resolve, asked } = answers(['8.8.8.8'], ['127.0.0.1']);
  // of the first only what goes to the socket is looked at: no test may call a public address
  const given = new Promise((done) =>
    guardedLookup(false, resolve)('hooks.example', { all: true }, (_error, addresses) => done(addresses)),
  );
  expect(await given).toEqual([{ address: '8.8.8.8', family: 4 }]);
  expect(await post(`http://hooks.example:${port}/`, [], { resolve })).toEqual(refused);
  expect(asked).toHaveLength(2);
  expect(received).toEqual([]);
});

test('a redirect is a failure, and not followed', async () => {
  const inside = await receiver();
  const outside = await receiver((response) => response.writeHead(307, { location: inside.url }).end());
  expect(await post(outside.url, ['127.0.0.1'])).toEqual({
    status: 307,
    error: 'The receiver answered 307; redirects are not followed.',
    retryAfterMs: undefined,
  });
  expect(inside.received).toEqual([]);
});

test('a receiver that never answers takes its time limit, one that never ends its answer too', async () => {
  const silent = await receiver(() => {});
  expect(await post(silent.url, [silent.host], { totalMs: 50 })).toEqual({
    status: null,
    error: 'No answer within 0.05 s.',
    isFinal: false,
  });
  const endless = await receiver((response) => response.writeHead(200).write('x'));
  expect(await post(endless.url, [endless.host], { totalMs: 50 })).toEqual({ status: 200 });
});

test('of an answer only the beginning is read', async () => {
  const hung = Promise.withResolvers<void>();
  const { url, host } = await receiver((response) => {
    response.writeHead(200).on('close', hung.resolve);
    const more = () => response.write(Buffer.alloc(64 * 1024)) && setImmediate(more);
    response.on('drain', more);
    more();
  });
  // a limit longer than the test's own: it is not time that ends the reading
  expect(await post(url, [host], { totalMs: 600_000 })).toEqual({ status: 200 });
  await hung.promise;
});

test('what went wrong is told without addresses', async () => {
  const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const error = async (url: string) => (await post(url, ['127.0.0.1', 'localhost'])).error;
  expect(await error(`http://127.0.0.1:${port}/`)).toBe('The receiver broke the connection.');
  expect(await error(`https://127.0.0.1:${port}/`)).toMatch(/^The (receiver broke the connection|connection failed)/);
  server.close();
  await once(server, 'close');
  expect(await error(`http://127.0.0.1:${port}/`)).toBe('The host refused the connection.');
  expect(await error(`http://localhost:${port}/`)).toBe('The host refused the connection.');
  const noName: Resolve = (_name, _options, callback) =>
    callback(Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' }), []);
  const unknown = await post('http://hooks.example/', [], { resolve: noName });
  expect(unknown).toMatchObject({ error: 'The name of the host is not known.', isFinal: false });
});
