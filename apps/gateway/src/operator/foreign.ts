import { CodedError } from '@slipway/contract/problems';
import type { MiddlewareHandler } from 'hono';

/** What is looked at of a request, or of the upgrade of a WebSocket. */
export type Asked = Pick<Request, 'method' | 'headers'>;

/**
 * Whether a page of another site made the browser send this. A person who follows a link to us is not meant: that is a
 * navigation by GET, which reads and changes nothing. What is not a browser sends none of these headers and is not
 * refused. `hosts` are names of ours besides the one that was asked.
 */
export function isForeign({ method, headers }: Asked, hosts: string[]): boolean {
  const site = headers.get('Sec-Fetch-Site');
  const origin = headers.get('Origin');
  // browsers say so themselves where the connection is trusted, and no page can forge it
  if (site === 'same-origin') return false;
  // with nearly every POST and WebSocket; `null` from a page that has none
  if (origin !== null) return !isOurs(origin, [headers.get('Host') ?? '', ...hosts]);
  if (site === null || site === 'none') return false;
  return !reads(method) || headers.get('Sec-Fetch-Mode') !== 'navigate';
}

/** Refuses what would change something and is asked by another site's page. */
export function refuseForeign(hosts: string[]): MiddlewareHandler {
  return async (c, next) => {
    if (!reads(c.req.method) && isForeign(c.req.raw, hosts))
      throw new CodedError('forbidden', 'This was sent by a page of another site, which may not act here.');
    await next();
  };
}

const reads = (method: string) => method === 'GET' || method === 'HEAD';

function isOurs(origin: string, hosts: string[]): boolean {
  const url = URL.parse(origin);
  return url !== null && url.host !== '' && hosts.some((host) => host.toLowerCase() === url.host);
}
