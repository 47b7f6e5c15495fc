import { expect, test } from 'vitest';
import { clientAddress } from './address.ts';

const of = (forwarded: string | undefined, onSpace: boolean) =>
  clientAddress(new Headers(forwarded === undefined ? {} : { 'X-Forwarded-For': forwarded }), onSpace);

// the last entry is what nginx appends: its peer
test.each([
  ['198.51.100.7', '198.51.100.7'],
  ['203.0.113.1, 198.51.100.7', '198.51.100.7'],
  ['203.0.113.1, 172.17.0.1', '172.17.0.1'],
  ['nonsense, 198.51.100.7', '198.51.100.7'],
  ['::ffff:198.51.100.7', '198.51.100.7'],
  ['2001:DB8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
  ['2001:db8::9', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['unix:', 'local'],
  ['', 'local'],
  [undefined, 'local'],
])('point 20: off a Space %j is %s', (forwarded, client) => {
  expect(of(forwarded, false)).toBe(client);
});

test.each([
  ['198.51.100.7, 10.20.0.3', '198.51.100.7'],
  ['203.0.113.1, 198.51.100.7, 10.20.0.3', '198.51.100.7'],
  ['10.0.0.9, 198.51.100.7, 10.20.0.3', '198.51.100.7'],
  ['203.0.113.1, 198.51.100.7, 10.1.1.1, ::ffff:10.20.0.3', '198.51.100.7'],
  ['203.0.113.1, 2001:db8:1:2::9, fd00::1', '2001:db8:1:2::/64'],
  ['203.0.113.1, nonsense, 10.20.0.3', '10.20.0.3'],
  ['203.0.113.1, 198.51.100.7', '198.51.100.7'],
  ['10.20.0.3', '10.20.0.3'],
])('points 19, 20: on a Space %j is %s', (forwarded, client) => {
  expect(of(forwarded, true)).toBe(client);
});

test('point 20: forging another address for each request changes nothing', () => {
  const seen = Array.from({ length: 50 }, (_, i) => [
    of(`203.0.113.${i}, 198.51.100.7`, false),
    of(`203.0.113.${i}, 198.51.100.7, 10.20.0.3`, true),
  ]).flat();
  expect(new Set(seen)).toEqual(new Set(['198.51.100.7']));
});
