import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { problemType } from '@slipway/contract/http';
import { CodedError } from '@slipway/contract/problems';
import type { MiddlewareHandler } from 'hono';
import { createProxyMiddleware, debugProxyErrorsPlugin, proxyEventsPlugin } from 'http-proxy-middleware';
import { toProblem } from './problem.ts';

export interface Proxy {
  middleware: MiddlewareHandler<{ Bindings: HttpBindings }>;
  upgrade: (request: IncomingMessage, socket: Socket, head: Buffer) => void;
}

/**
 * Passes requests and WebSocket upgrades on to another server on this machine. The library's own answer to a dead
 * server reflects the Host and the URL of the request, so of its default plugins only those stay that listen: without
 * them a socket that breaks would end this process, and `on` would do nothing.
 */
export function createProxy(target: string): Proxy {
  const proxy = createProxyMiddleware<IncomingMessage, ServerResponse>({
    target,
    ejectPlugins: true,
    plugins: [debugProxyErrorsPlugin, proxyEventsPlugin],
    on: { error: (_error, request, response) => answerDeadUpstream(request, response) },
  });
  return {
    async middleware(c) {
      await proxy(c.env.incoming, c.env.outgoing);
      return RESPONSE_ALREADY_SENT;
    },
    upgrade: proxy.upgrade,
  };
}

function answerDeadUpstream(request: IncomingMessage, response: ServerResponse | Socket): void {
  if (!('writeHead' in response)) {
    response.destroy();
    return;
  }
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const error = new CodedError('upstream_unavailable', 'The service does not answer. It may still be starting.');
  const problem = toProblem(error, String(request.headers['x-request-id'] ?? ''));
  response.writeHead(problem.status, { 'Content-Type': problemType, 'Retry-After': '2' }).end(JSON.stringify(problem));
}
