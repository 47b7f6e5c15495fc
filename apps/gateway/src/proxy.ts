import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { problemType } from '@slipway/contract/http';
import { CodedError } from '@slipway/contract/problems';
import type { MiddlewareHandler } from 'hono';
import { createProxyMiddleware, debugProxyErrorsPlugin, type Options, proxyEventsPlugin } from 'http-proxy-middleware';
import { toProblem } from './problem.ts';
import { refuseUpgrade } from './refuse-upgrade.ts';

/** What differs from proxy to proxy. Errors are answered here; `on.error` hears of those that had to be. */
export type ProxyOptions = Omit<Options<IncomingMessage, ServerResponse>, 'target' | 'plugins' | 'ejectPlugins'>;

export interface Proxy {
  /** Answers by itself; the response that it gives tells Hono so. */
  pass: (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<Response>;
  middleware: MiddlewareHandler<{ Bindings: HttpBindings }>;
  upgrade: (request: IncomingMessage, socket: Socket, head: Buffer) => void;
}

/**
 * Passes requests and WebSocket upgrades on to another server on this machine. The library's own answer to a dead
 * server reflects the Host and the URL of the request, so of its default plugins only those stay that listen: without
 * them a socket that breaks would end this process, and `on` would do nothing.
 */
export function createProxy(target: string, options: ProxyOptions = {}): Proxy {
  const upgraded = new WeakSet<Socket>();
  const proxy = createProxyMiddleware<IncomingMessage, ServerResponse>({
    target,
    ejectPlugins: true,
    plugins: [debugProxyErrorsPlugin, proxyEventsPlugin],
    ...options,
    on: {
      ...options.on,
      error(error, request, response, target) {
        if (awaitsAnswer(response) && !upgraded.has(response as Socket))
          options.on?.error?.(error, request, response, target);
        if ('writeHead' in response || !upgraded.has(response)) answerDeadUpstream(request, response);
        else response.destroy();
      },
      proxyReqWs(asked, request, socket, ...rest) {
        asked.prependOnceListener('upgrade', () => upgraded.add(socket));
        options.on?.proxyReqWs?.(asked, request, socket, ...rest);
      },
    },
  });
  async function pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<Response> {
    await proxy(incoming, outgoing);
    return RESPONSE_ALREADY_SENT;
  }
  return {
    pass,
    middleware: (c) => pass(c.env.incoming, c.env.outgoing as ServerResponse),
    upgrade: proxy.upgrade,
  };
}

/** Not where the caller went away first, which is an error too. */
function awaitsAnswer(response: ServerResponse | Socket): boolean {
  return 'writeHead' in response ? !response.writableEnded && !response.destroyed : response.writable;
}

function answerDeadUpstream(request: IncomingMessage, response: ServerResponse | Socket): void {
  const error = new CodedError('upstream_unavailable', 'The service does not answer. It may still be starting.');
  if (!('writeHead' in response)) {
    refuseUpgrade(response, error, String(request.headers['x-request-id'] ?? ''));
    return;
  }
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const problem = toProblem(error, String(request.headers['x-request-id'] ?? ''));
  response.writeHead(problem.status, { 'Content-Type': problemType, 'Retry-After': '2' }).end(JSON.stringify(problem));
}
