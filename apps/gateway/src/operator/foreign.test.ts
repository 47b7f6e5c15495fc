import { expect, test } from 'vitest';
import { isForeign } from './foreign.ts';

const asked = (headers: object, method = 'POST') => ({
  method,
  headers: new Headers({ ...headers } as Record<string, string>),
});

const host = { Host: 'ann-demo.hf.space' };

test.each([
  ['a page of ours', { 'Sec-Fetch-Site': 'same-origin', Origin: 'https://ann-demo.hf.space' }],
  ['a page of ours in a browser that says only whence', { Origin: 'https://ann-demo.hf.space' }],
  ['a page of ours under its other name', { Origin: 'https://demo.acme.example' }],
  ['an address that was typed', { 'Sec-Fetch-Site': 'none', 'Sec-Fetch-Mode': 'navigate' }],
  ['a link on another site', { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate' }],
  ['a program', {}],
])('point 25: %s may ask', (_who, headers) => {
  const method = 'Sec-Fetch-Mode' in headers ? 'GET' : 'POST';
  expect(isForeign(asked({ ...host, ...headers }, method), ['demo.acme.example'])).toBe(false);
});

test.each([
  ['a form', { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate', Origin: 'https://attacker.example' }],
  ['a form of a neighbour', { 'Sec-Fetch-Site': 'same-site', Origin: 'https://eve-trap.hf.space' }],
  ['a form of a page without an origin', { Origin: 'null' }],
  [
    'a form of a browser that keeps its origin to itself',
    { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate' },
  ],
  ['such a form of a neighbour', { 'Sec-Fetch-Site': 'same-site', 'Sec-Fetch-Mode': 'navigate' }],
  ['a script', { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'cors' }],
  ['a picture', { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'no-cors' }],
  [
    'a WebSocket',
    { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'websocket', Origin: 'https://attacker.example' },
  ],
  ['an older browser', { Origin: 'https://attacker.example' }],
  ['another port', { Origin: 'https://ann-demo.hf.space:8443' }],
  ['a name that begins like ours', { Origin: 'https://ann-demo.hf.space.attacker.example' }],
])('point 25: %s of another site is foreign', (_who, headers) => {
  expect(isForeign(asked({ ...host, ...headers }), [])).toBe(true);
  if (!('Sec-Fetch-Mode' in headers && headers['Sec-Fetch-Mode'] === 'navigate' && !('Origin' in headers)))
    expect(isForeign(asked({ ...host, ...headers }, 'GET'), [])).toBe(true);
});

test('without a Host nothing is ours', () => {
  expect(isForeign(asked({ Origin: 'null' }), [])).toBe(true);
  expect(isForeign(asked({ Origin: 'file://' }), [])).toBe(true);
});
