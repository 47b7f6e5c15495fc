import type { IncomingHttpHeaders } from 'node:http';
import { expect, test } from 'vitest';
import { type Passing, prepareHeaders } from './headers.ts';
import { takeProtocols } from './protocols.ts';
import { outerLocation, prepareAnswer } from './response.ts';

const passing = {
  identity: { owner: 'alice', operator: false },
  requestId: 'r-1',
  prefix: '/echo',
  hideCredentials: true,
};
function prepared(headers: IncomingHttpHeaders, more: Partial<Passing> = {}) {
  prepareHeaders(headers, { ...passing, ...more });
  return headers;
}

test('who asks is what we found out, however it is spelled by the caller', () => {
  const headers = prepared({
    host: 'h.example',
    'x-slipway-owner': 'mallory',
    'X-Slipway-Owner': 'mallory',
    x_slipway_owner: 'mallory',
    'x-slipway-operator': 'true',
    'x-forwarded-prefix': '/evil',
    'x-forwarded-host': 'evil.example',
    x_forwarded_for: '127.0.0.1',
    x_real_ip: '127.0.0.1',
    x_request_id: 'another',
    forwarded: 'host=evil',
    authorization: 'Bearer secret',
    'x-api-key': 'secret',
    cookie: '__Host-slipway-session=s; theme=dark; slipway_x=1',
    accept: '*/*',
  });
  expect(headers).toEqual({
    host: 'h.example',
    accept: '*/*',
    cookie: 'theme=dark',
    'x-slipway-owner': 'alice',
    'x-forwarded-prefix': '/echo',
    'x-forwarded-host': 'h.example',
    'x-request-id': 'r-1',
  });
});

test('a service of its own access rule gets what it needs for it, and nobody is named', () => {
  const headers = prepared(
    { authorization: 'Bearer theirs', 'x-slipway-owner': 'mallory' },
    { identity: { owner: null, operator: false }, hideCredentials: false },
  );
  expect(headers.authorization).toBe('Bearer theirs');
  expect(headers).not.toHaveProperty('x-slipway-owner');
});

test('what is of one connection goes, also what is named so; what frames the body and who asks stay', () => {
  const headers = prepared({
    connection: 'keep-alive, X-Secret, content-length, x-slipway-owner',
    'keep-alive': 'timeout=5',
    'x-secret': '1',
    te: 'trailers',
    trailer: 'x',
    upgrade: 'h2c',
    expect: '100-continue',
    'proxy-authorization': 'Basic x',
    'content-length': '3',
  });
  expect(headers).toEqual({
    'content-length': '3',
    'x-slipway-owner': 'alice',
    'x-forwarded-prefix': '/echo',
    'x-request-id': 'r-1',
  });
});

test('a name that no header can hold is encoded', () => {
  const headers = prepared({}, { identity: { owner: 'zoë\r\n', operator: true } });
  expect(headers).toMatchObject({ 'x-slipway-owner': 'zo%C3%AB%0D%0A', 'x-slipway-operator': 'true' });
});

test.each([
  [undefined, undefined, {}, false],
  ['chat', 'chat', {}, false],
  ['slipway, slipway-key.a%2Fb, chat', 'chat', { 'x-api-key': 'a/b' }, true],
  ['slipway-key.%', undefined, { 'x-api-key': '%' }, false],
  ['slipway-key.a%0d%0ab', undefined, { 'x-api-key': 'a%0d%0ab' }, false],
  ['slipway-key.k%C5%93', undefined, { 'x-api-key': 'k%C5%93' }, false],
])('of the subprotocols %j the service gets %j', (offered, left, more, plain) => {
  const headers: IncomingHttpHeaders = offered === undefined ? {} : { 'sec-websocket-protocol': offered };
  expect(takeProtocols(headers)).toEqual({ plain, shown: 'x-api-key' in more });
  expect(headers).toEqual({ ...(left && { 'sec-websocket-protocol': left }), ...more });
});

const hosts = ['public.example', '127.0.0.1:4000'];
test.each([
  ['/x?y#z', '/echo/x?y#z'],
  ['/echo/x', '/echo/x'],
  ['http://127.0.0.1:4000/x', '/echo/x'],
  ['http://public.example/echo/x', '/echo/x'],
  ['https://other.example/x', 'https://other.example/x'],
  ['//other.example/x', '//other.example/x'],
  ['x/y', 'x/y'],
  ['?page=2', '?page=2'],
])('a redirect to %s leads to %s', (inside, outside) => {
  expect(outerLocation(inside, '/echo', hosts)).toBe(outside);
});

test('cookies of a service stay in its path and are never ours; events are not held back', () => {
  const headers: IncomingHttpHeaders = {
    connection: 'close',
    'x-request-id': 'theirs',
    'set-cookie': [
      'a=1; Path=/; HttpOnly',
      'b=2; HttpOnly',
      'c=3; path=/deep; Secure',
      'd=4; Path=/echo/deep',
      'e=5; Path = /; Path=/last',
      'f=6; Path=nowhere',
      '__Host-g=7; Secure; Path=/',
      '__Host-slipway-session=forged; Path=/',
    ],
    'content-type': 'text/event-stream; charset=utf-8',
  };
  prepareAnswer(headers, '/echo', hosts);
  expect(headers).toEqual({
    'set-cookie': [
      'a=1; Path=/echo; HttpOnly',
      'b=2; HttpOnly; Path=/echo',
      'c=3; Path=/echo/deep; Secure',
      'd=4; Path=/echo/deep',
      'e=5; Path=/echo; Path=/echo/last',
      'f=6; Path=/echo',
      '__Host-g=7; Secure; Path=/',
    ],
    'content-type': 'text/event-stream; charset=utf-8',
    'x-accel-buffering': 'no',
  });
});
