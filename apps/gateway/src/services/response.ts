import type { IncomingHttpHeaders } from 'node:http';
import { requestIdHeader } from '@slipway/contract/http';
import { dropHopByHop, isOurCookie } from './headers.ts';

/** Makes the headers of a service's answer what its caller may get: redirects and cookies stay within its path. */
export function prepareAnswer(headers: IncomingHttpHeaders, prefix: string, hosts: (string | undefined)[]): void {
  dropHopByHop(headers);
  delete headers[requestIdHeader.toLowerCase()]; // ours is set already
  if (headers.location !== undefined) headers.location = outerLocation(headers.location, prefix, hosts);
  if (headers['set-cookie']) headers['set-cookie'] = outerCookies(headers['set-cookie'], prefix);
  // nginx would hold events back until its buffer is full
  if (headers['content-type']?.startsWith('text/event-stream')) headers['x-accel-buffering'] = 'no';
}

/**
 * A redirect as the caller must see it: within the service's path, and without the scheme and the host that the service
 * knows itself by. What leads to another host is left as it is.
 */
export function outerLocation(location: string, prefix: string, hosts: (string | undefined)[]): string {
  if (!/^([a-z][a-z0-9+.-]*:|\/)/i.test(location)) return location; // relative to the page, which stays right
  const base = 'http://inside.invalid';
  if (!URL.canParse(location, base)) return location;
  const url = new URL(location, base);
  if (url.origin !== base && !hosts.includes(url.host)) return location;
  return within(url.pathname, prefix) + url.search + url.hash;
}

/** Cookies for the service's own path; ours it can't set. */
function outerCookies(cookies: string[], prefix: string): string[] {
  return cookies.filter((cookie) => !isOurCookie(cookie)).map((cookie) => outerCookie(cookie, prefix));
}

/**
 * Without a path, or with one that browsers don't take, a cookie would be for the folder of the page. `/` becomes the
 * prefix without a slash behind it, or it would not come with a request for the prefix itself. Of `__Host-` browsers
 * take no path but `/`.
 */
function outerCookie(cookie: string, prefix: string): string {
  if (/^\s*__Host-/i.test(cookie)) return cookie;
  const path = /;\s*path\s*=\s*([^;]*)/gi;
  if (!path.test(cookie)) return `${cookie}; Path=${prefix}`;
  const outer = (inner: string) => (/^\/./.test(inner) ? within(inner, prefix) : prefix);
  return cookie.replace(path, (_, inner: string) => `; Path=${outer(inner.trim())}`);
}

/** A path of the service as it is outside; one that knows its prefix already stays as it is. */
function within(path: string, prefix: string): string {
  return path === prefix || path.startsWith(`${prefix}/`) ? path : prefix + path;
}
