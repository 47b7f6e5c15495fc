import { adminPath, apiPath, requestIdHeader } from '@slipway/contract/http';
import type { MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';

/** What callers with a key, or with none, ask. Never what a cookie opens: the operator's pages and API, sign-in, services. */
const openPaths = [apiPath, '/v1', '/hf', '/analyze'];

/** What our client, and those of other services, read of an answer. */
const exposeHeaders = [
  'ETag',
  'Location',
  'Retry-After',
  'RateLimit',
  'RateLimit-Policy',
  requestIdHeader,
  'Idempotent-Replayed',
  'Preference-Applied',
  'X-Should-Retry',
];

/** How long a browser need not ask again whether it may, in seconds. */
const maxAge = 600;

/**
 * Lets pages of these origins (`*`: of all) ask the API and the dialects, by CORS: https://fetch.spec.whatwg.org/#http-cors-protocol.
 * Cookies are not allowed, and any other header is: Hono says yes to those that the browser asks for.
 */
export function allowOrigins(origin: string[] | '*'): MiddlewareHandler {
  const allow = cors({ origin, allowMethods: ['GET', 'HEAD', 'POST', 'DELETE'], exposeHeaders, maxAge });
  return (c, next) => (isOpen(c.req.path) ? allow(c, next) : next());
}

const isOpen = (path: string) => openPaths.some((root) => isWithin(path, root)) && !isWithin(path, adminPath);
const isWithin = (path: string, root: string) => path === root || path.startsWith(`${root}/`);
