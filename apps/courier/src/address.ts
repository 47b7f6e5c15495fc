import ipaddr from 'ipaddr.js';

/** What is given out to hosts of the Internet; the rest of IPv6 that no range names is not given out at all. */
const globalIpv6 = ipaddr.parseCIDR('2000::/3');

/**
 * True for an address of a single host on the public Internet. False for loopback, private, link-local, shared (CGNAT),
 * multicast and reserved ones, and for IPv6 that stands for an IPv4 address (mapped, NAT64, 6to4, Teredo), whatever that is.
 */
export function isPublicAddress(address: string): boolean {
  // no zone (fe80::1%eth0): such an address is of a link
  if (!ipaddr.IPv4.isValidFourPartDecimal(address) && !ipaddr.IPv6.isValid(address)) return false;
  const parsed = ipaddr.parse(address);
  if (parsed.range() !== 'unicast') return false;
  return parsed.kind() === 'ipv4' || parsed.match(globalIpv6);
}
