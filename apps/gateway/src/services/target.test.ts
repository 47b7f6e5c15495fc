import { expect, test } from 'vitest';
import { targetOf } from './target.ts';

const services = [{ path: '/echo' }, { path: '/tools/ocr' }];

test.each([
  ['/echo', '/'],
  ['/echo/', '/'],
  ['/echo?a=b?c', '/?a=b?c'],
  ['/echo/a/b?c=d', '/a/b?c=d'],
  ['/echo//evil.example/x', '/evil.example/x'],
  ['/echo/a%2fb/%C3%A9', '/a%2fb/%C3%A9'],
  ['/echo/..a/b..', '/..a/b..'],
  ['/tools/ocr/x', '/x'],
])('%s is asked for as %s', (url, inner) => {
  expect(targetOf(services, url)?.url).toBe(inner);
});

test.each(['/', '/echoes', '/Echo', '/%65cho', '//echo', '/tools', '/api/../echo', 'http://h/echo', ''])(
  '%j is for no service',
  (url) => {
    expect(targetOf(services, url)).toBeUndefined();
  },
);

test.each([
  '/echo/..',
  '/echo/../api/v1/jobs',
  '/echo/%2e%2e/api',
  '/echo/%2E./api',
  '/echo/..%2fapi',
  '/echo/..%5Capi',
  '/echo/a\\..\\b',
  '/echo/%252e%252e/api',
  '/echo/%25252525252e',
  '/echo/./x',
  '/echo/..;/admin',
  '/echo/a%00b',
  '/echo/a%0d%0ab',
])('%s is refused', (url) => {
  expect(() => targetOf(services, url)).toThrow(expect.objectContaining({ code: 'invalid_request' }));
});
