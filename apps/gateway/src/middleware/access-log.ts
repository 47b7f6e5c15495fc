import type { HttpBindings } from '@hono/node-server';
import type { Log } from '@slipway/runtime/log';
import type { MiddlewareHandler } from 'hono';
import type { RequestIdVariables } from 'hono/request-id';
import { matchedRoutes } from 'hono/route';

/**
 * One line for each request, with the route and not the path, and never a body or a query. Reads that went well are
 * logged at debug: a page that polls would drown everything else. So is `/readyz`, which probes ask without end and whose
 * 503 is an answer like another, but for the first answer that is not as the one before.
 */
export function accessLog(log: Log): MiddlewareHandler<{ Variables: RequestIdVariables }> {
  let readyStatus = 200;
  return async (c, next) => {
    const start = performance.now();
    await next();
    const { method } = c.req;
    // what the proxy has answered went out beside Hono
    const { outgoing }: Partial<HttpBindings> = c.env ?? {};
    const status = outgoing?.headersSent ? outgoing.statusCode : c.res.status;
    const ms = Math.round(performance.now() - start);
    // of all that matched, the route that is one path: the others are middleware and catch-alls
    const route = matchedRoutes(c).find(({ path }) => !path.includes('*'))?.path ?? '*';
    let level: 'error' | 'warn' | 'info' | 'debug' = levelOf(method, status);
    if (route === '/readyz') {
      level = status === readyStatus ? 'debug' : status === 200 ? 'info' : 'warn';
      readyStatus = status;
    }
    log[level]({ method, route, status, ms, requestId: c.get('requestId') }, 'request');
  };
}

function levelOf(method: string, status: number): 'error' | 'info' | 'debug' {
  // 501 says no, and says it as it should
  if (status >= 500 && status !== 501) return 'error';
  return status >= 400 || (method !== 'GET' && method !== 'HEAD') ? 'info' : 'debug';
}
