import type { Log } from '@slipway/runtime/log';
import type { MiddlewareHandler } from 'hono';
import type { RequestIdVariables } from 'hono/request-id';
import { matchedRoutes } from 'hono/route';

/**
 * One line for each request, with the route and not the path, and never a body or a query. Reads that went well are
 * logged at debug: a page that polls would drown everything else.
 */
export function accessLog(log: Log): MiddlewareHandler<{ Variables: RequestIdVariables }> {
  return async (c, next) => {
    const start = performance.now();
    await next();
    const { method } = c.req;
    const { status } = c.res;
    const level = status >= 500 ? 'error' : status >= 400 || (method !== 'GET' && method !== 'HEAD') ? 'info' : 'debug';
    const ms = Math.round(performance.now() - start);
    // of all that matched, the route that is one path: the others are middleware and catch-alls
    const route = matchedRoutes(c).find(({ path }) => !path.includes('*'))?.path ?? '*';
    log[level]({ method, route, status, ms, requestId: c.get('requestId') }, 'request');
  };
}
