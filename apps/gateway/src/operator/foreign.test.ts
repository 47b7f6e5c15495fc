import { expect, test } from 'vitest';
import { isForeign } from './foreign.ts';

const host = { Host: 'ann-demo.hf.space' };

test.each([
  ['a page of ours', { 'Sec-Fetch-Site': 'same-origin', Origin: 'https://ann-demo.hf.space' }],
  ['a page of ours in a browser that says only whence', { Origin: 'https://ann-demo.hf.space' }],
  ['a page of ours under its other name', { Origin: 'https://demo.acme.example' }],
  ['an address that was typed', { 'Sec-Fetch-Site': 'none', 'Sec-Fetch-Mode': 'navigate' }],
  ['a link on another site', { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate' }],
  ['a program', {}],
])('point 25: %s may ask', (_who, headers) => {
  expect(isForeign(new Headers({ ...host, ...headers }), ['demo.acme.example'])).toBe(false);
});

test.each([
  ['a form', { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate', Origin: 'https://attacker.example' }],
  ['a form of a neighbour', { 'Sec-Fetch-Site': 'same-site', Origin: 'https://eve-trap.hf.space' }],
  ['a form of a page without an origin', { Origin: 'null' }],
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
  expect(isForeign(new Headers({ ...host, ...headers } as Record<string, string>), [])).toBe(true);
});

test('without a Host nothing is ours', () => {
  expect(isForeign(new Headers({ Origin: 'null' }), [])).toBe(true);
  expect(isForeign(new Headers({ Origin: 'file://' }), [])).toBe(true);
});
