import { BlockList, isIP } from 'node:net';

/** Where no proxy stands before us: who reaches the gateway's socket by itself is on this machine. */
const nobody = 'local';

/** Ranges that no caller of a Space can come from, only the platform's own proxies. */
const inside = new BlockList();
for (const [net, bits] of [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const)
  inside.addSubnet(net, bits, 'ipv4');
inside.addSubnet('::1', 128, 'ipv6');
inside.addSubnet('fc00::', 7, 'ipv6');
inside.addSubnet('fe80::', 10, 'ipv6');

/**
 * The address that limits are counted by: an IPv4 address, or the /64 network of an IPv6 one, because a single customer
 * has a whole /64. nginx writes its peer as the last entry of X-Forwarded-For; what stands left of it was sent to nginx.
 * On a Space that peer is the platform's proxy and the next entry is what it appended, so entries are read from the
 * right up to the first public one; what a caller forges stands further left. Elsewhere the peer itself is the caller.
 */
export function clientAddress(headers: Headers, onSpace: boolean): string {
  const hops = (headers.get('X-Forwarded-For') ?? '').split(',').reverse();
  let client: string | undefined;
  for (const hop of hops) {
    const address = plainAddress(hop.trim());
    if (address === undefined) break;
    client = address;
    if (!onSpace || !isInside(address)) break;
  }
  if (client === undefined) return nobody;
  return isIP(client) === 6 ? `${groupsOf(client).slice(0, 4).join(':')}::/64` : client;
}

/** An IPv4 address as it is, also when it comes dressed as IPv6; undefined for what is no address. */
function plainAddress(text: string): string | undefined {
  const address = text.replace(/%.*$/, ''); // the interface of a link-local address
  const family = isIP(address);
  if (family !== 6) return family === 4 ? address : undefined;
  const groups = groupsOf(address);
  if (groups.slice(0, 6).join(':') !== '0:0:0:0:0:ffff') return address;
  return groups
    .slice(6)
    .map((group) => Number.parseInt(group, 16))
    .map((group) => `${group >> 8}.${group & 0xff}`)
    .join('.');
}

/** The eight groups of a valid IPv6 address, in lower case and without leading zeros. */
function groupsOf(address: string): string[] {
  const short = new URL(`http://[${address}]`).hostname.slice(1, -1); // one spelling for all
  const [left = [], right = []] = short.split('::').map((half) => half.split(':').filter((group) => group !== ''));
  return [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right];
}

function isInside(address: string): boolean {
  return inside.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}
