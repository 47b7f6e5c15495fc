import { expect, test } from 'vitest';
import { operatorCookies } from './cookies.ts';

const behind = (proto: string) => new Headers({ 'X-Forwarded-Proto': proto });

test.each([
  [
    'on a Space',
    true,
    behind('https'),
    '__Host-slipway-operator=v; Max-Age=60; Path=/; HttpOnly; Secure; SameSite=None; Partitioned',
  ],
  [
    'on a Space, whatever is forwarded',
    true,
    new Headers(),
    '__Host-slipway-operator=v; Max-Age=60; Path=/; HttpOnly; Secure; SameSite=None; Partitioned',
  ],
  [
    'over HTTPS',
    false,
    behind('https'),
    '__Host-slipway-operator=v; Max-Age=60; Path=/; HttpOnly; Secure; SameSite=Lax',
  ],
  ['over HTTP', false, behind('http'), 'slipway-operator-7860=v; Max-Age=60; Path=/; HttpOnly; SameSite=Lax'],
])('point 25: %s', (_where, onSpace, headers, expected) => {
  const cookies = operatorCookies({ onSpace, port: 7860 });
  const written = cookies.write(headers, 'operator', 'v', 60);
  expect(written.split('; ').toSorted()).toEqual(expected.split('; ').toSorted());
  const back = new Headers(headers);
  back.set('Cookie', `a=b; ${written.split(';')[0]}; c=d`);
  expect(cookies.read(back, 'operator')).toBe('v');
});

test('point 25: over HTTPS a cookie that another host or plain HTTP may have set is not read', () => {
  const headers = new Headers({ 'X-Forwarded-Proto': 'https', Cookie: 'slipway-operator-7860=v; slipway-operator=v' });
  expect(operatorCookies({ onSpace: false, port: 7860 }).read(headers, 'operator')).toBeUndefined();
});
