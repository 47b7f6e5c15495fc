import { expect, test } from 'vitest';
import { parseTarget, Refused } from './target.ts';

test.each([
  'http://2130706433/',
  'http://0x7f000001/',
  'http://0x7f.0.0.1/',
  'http://0177.0.0.1/',
  'http://127.1/',
  'http://127.0.0.1./',
  'http://%31%32%37.0.0.1/',
  'http://1２7.0.0.1/',
  'http:\\\\2130706433/',
  'http://134744072/', // 8.8.8.8: refused for its form
  'https://user@example.com/',
  'https://user:word@example.com/',
  'ftp://example.com/',
  'file:///etc/passwd',
  'no url',
])('%s is refused', (url) => {
  expect(() => parseTarget(url, ['127.0.0.1'])).toThrow(Refused);
});

test.each([
  ['https://hooks.example/a?b=c', 'hooks.example:443', false],
  ['http://HOOKS.internal:8080/', 'hooks.internal:8080', true],
  ['http://hooks.internal:9/', 'hooks.internal:9', true],
  ['http://hooks.internal.example/', 'hooks.internal.example:80', false],
  ['https://10.0.0.7:8443/', '10.0.0.7:8443', true],
  ['https://10.0.0.7/', '10.0.0.7:443', false],
  ['http://[fd00::7]/', '[fd00::7]:80', true],
])('%s goes to %s, allowed: %s', (url, host, isAllowed) => {
  const allowed = ['Hooks.internal', '10.0.0.7:8443', '[fd00::7]'];
  expect(parseTarget(url, allowed)).toMatchObject({ host, isAllowed });
});
