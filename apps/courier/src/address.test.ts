import { expect, test } from 'vitest';
import { isPublicAddress } from './address.ts';

test.each(['8.8.8.8', '1.1.1.1', '172.15.0.1', '172.32.0.1', '2606:4700::1111', '2a00:1450::1'])(
  '%s is public',
  (address) => {
    expect(isPublicAddress(address)).toBe(true);
  },
);

test.each([
  // loopback, private, link-local (the clouds' metadata), shared, this network
  ...['127.0.0.1', '127.9.9.9', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1'],
  ...['169.254.169.254', '100.64.0.1', '0.0.0.0', '0.1.2.3'],
  // multicast, broadcast, reserved, documentation, benchmarks, the 6to4 relay
  ...['224.0.0.1', '255.255.255.255', '240.0.0.1', '192.0.2.1', '198.51.100.1', '203.0.113.1', '198.18.0.1'],
  ...['192.0.0.8', '192.88.99.1'],
  // IPv6: the same, and what lies outside the part that is given out
  ...['::1', '::', 'fe80::1', 'fe80::1%eth0', 'fc00::1', 'fd12::1', 'fec0::1', 'ff02::1', '2001:db8::1', '3fff::1'],
  ...['100::1', '2001:20::1', '5f00::1', '4000::1', '1::1'],
  // IPv4 inside IPv6, public or not: mapped, compatible, NAT64, translated, 6to4, Teredo
  ...['::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:8.8.8.8', '::127.0.0.1', '64:ff9b::7f00:1', '64:ff9b:1::a00:1'],
  ...['::ffff:0:127.0.0.1', '2002:7f00:1::', '2002:808:808::', '2001:0:7f00:1::'],
  // no address
  ...['', 'localhost', '127.1', '0x7f000001', '2130706433', '8.8.8.8.', '010.8.8.8'],
])('%s is not', (address) => {
  expect(isPublicAddress(address)).toBe(false);
});
