import { type LookupAddress, lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { buildConnector } from 'undici';
import { isPublicAddress } from './address.ts';
import { Refused } from './target.ts';

const connectTimeoutMs = 5_000;

/** Node's `dns.lookup` with `all`. */
export type Resolve = (
  hostname: string,
  options: { all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

const refusal = () => new Refused('The address of the host is not a public one.');

/**
 * A look-up for a socket, which connects to the very addresses that it gives back: those were checked, and a name server
 * that would answer otherwise the next time is not asked a next time. A name with any address that is not public is
 * refused, unless the host is allowed.
 */
export function guardedLookup(isAllowed: boolean, resolve: Resolve): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error || !first) return callback(error ?? new Error('the name has no address'), '');
      if (!isAllowed && !addresses.every(({ address }) => isPublicAddress(address))) return callback(refusal(), '');
      if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

/** undici's connector, which connects to public addresses only, or to any where the host is allowed. */
export function guardedConnector(isAllowed: boolean, resolve: Resolve = systemLookup): buildConnector.connector {
  const lookup = guardedLookup(isAllowed, resolve);
  const connect = buildConnector({ timeout: connectTimeoutMs, lookup, allowH2: false });
  return (options, callback) => {
    // an address is connected to without a look-up
    const isAddress = isIP(options.hostname) !== 0;
    if (isAddress && !isAllowed && !isPublicAddress(options.hostname)) callback(refusal(), null);
    else connect(options, callback);
  };
}
