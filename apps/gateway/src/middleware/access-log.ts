import type { Log } from '@slipway/runtime/log';
import type { MiddlewareHandler } from 'hono';
import type { RequestIdVariables } from 'hono/request-id';
import { routePath } from 'hono/route';

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
    log[level]({ method, route: routePath(c, -1), status, ms, requestId: c.get('requestId') }, 'request');
  };
}
