import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { HttpBindings } from '@hono/node-server';
import type { RunningService } from '@slipway/config/running-services';
import { requestIdHeader } from '@slipway/contract/http';
import { CodedError } from '@slipway/contract/problems';
import type { Part } from '@slipway/contract/readiness';
import type { Log } from '@slipway/runtime/log';
import type { MiddlewareHandler } from 'hono';
import type { AppEnv } from '../caller.ts';
import type { Asked } from '../operator/foreign.ts';
import { createProxy } from '../proxy.ts';
import { refuseUpgrade } from '../refuse-upgrade.ts';
import { type AdmitOptions, admit, askedOf, isNavigation } from './admit.ts';
import { prepareHeaders } from './headers.ts';
import { serviceHealth } from './health.ts';
import { takeProtocols } from './protocols.ts';
import { prepareAnswer } from './response.ts';
import { type Target, targetOf } from './target.ts';

export interface Services {
  /** Passes on what is for a service; everything else goes to the next. */
  middleware: MiddlewareHandler<AppEnv & { Bindings: HttpBindings }>;
  /** Whether it is a WebSocket for a service that takes them. */
  takesUpgrade: (request: IncomingMessage) => boolean;
  upgrade: (request: IncomingMessage, socket: Socket, head: Buffer) => void;
  health: () => Promise<Part[]>;
}

export interface ServicesOptions extends AdmitOptions {
  onSpace: boolean;
  log: Log;
  /** Aborted when the gateway stops: ends the WebSockets, which would hold it up. */
  stopping: AbortSignal;
  limits?: Limits;
}

/** In milliseconds. */
export interface Limits {
  /** A service that says nothing for this long is given up: 502. An event stream needs a heartbeat. */
  silenceMs: number;
  /** Longest wait for the answer to an upgrade. */
  upgradeMs: number;
}
/** The platform cuts what is silent for about 60 s. */
const usualLimits = (onSpace: boolean): Limits => ({ silenceMs: onSpace ? 55_000 : 120_000, upgradeMs: 10_000 });

/** How often it is asked again whether an operator's open WebSockets are still an operator's, in milliseconds. */
const askAgainMs = 60_000;

/** The services that a fork brings, behind their paths and access rules. */
export function createServices(running: RunningService[], options: ServicesOptions): Services {
  const { log, stopping, roleOf, limits = usualLimits(options.onSpace) } = options;
  const services = running.map((service) => ({ ...service, proxy: proxyTo(service, log, limits) }));
  /** Those that live; with what an operator asked it by. */
  const sockets = new Map<Socket, Asked | null>();
  const asking = setInterval(() => {
    for (const [socket, asked] of sockets) if (asked !== null) void endUnlessOperator(socket, asked);
  }, askAgainMs).unref();
  stopping.addEventListener('abort', () => {
    clearInterval(asking);
    for (const socket of sockets.keys()) socket.destroy();
  });

  /** Who was signed out with everybody, or whose session is over, is not told anything more. */
  async function endUnlessOperator(socket: Socket, asked: Asked): Promise<void> {
    const role = await roleOf(asked).catch(() => 'operator'); // an outage signs nobody out
    if (role !== 'operator') socket.destroy();
  }

  /** Changes the request into what the service is to get; throws where the caller may not. */
  async function prepare(
    request: IncomingMessage,
    { service, url }: Target<RunningService>,
    requestId: string,
  ): Promise<void> {
    const { headers } = request;
    const identity = await admit(service, options, request);
    const hideCredentials = service.access === 'admin' || identity.owner !== null;
    prepareHeaders(headers, { identity, requestId, prefix: service.path, hideCredentials });
    request.url = url;
  }

  async function passUpgrade(request: IncomingMessage, socket: Socket, head: Buffer, requestId: string) {
    const target = targetOf(services, request.url ?? '');
    if (!target?.service.websocket) throw new CodedError('not_found', 'There is no WebSocket here.');
    const { plain, shown } = takeProtocols(request.headers);
    const asked = target.service.access === 'admin' ? askedOf(request) : null;
    await prepare(request, target, requestId);
    if (shown) delete request.headers['x-api-key'];
    if (!sockets.has(socket)) return; // it has gone meanwhile
    sockets.set(socket, asked);
    log.debug({ service: target.service.name, requestId }, 'WebSocket');
    request.headers.connection = 'Upgrade';
    request.headers.upgrade = 'websocket';
    if (plain) plainOffers.add(request);
    target.service.proxy.upgrade(request, socket, head);
  }

  return {
    async middleware(c, next) {
      const request: IncomingMessage | undefined = c.env?.incoming; // none where a test asks the app itself
      const target = request && targetOf(services, request.url ?? '');
      if (!target) return next();
      const requestId = c.get('requestId');
      try {
        await prepare(request, target, requestId);
      } catch (error) {
        const code = error instanceof CodedError ? error.code : undefined;
        if (code === 'unauthorized') c.header('WWW-Authenticate', 'Bearer');
        if (code === 'sign_in_required' && isNavigation(request))
          return c.redirect(`/admin/login?next=${encodeURIComponent(request.url ?? '')}`, 303);
        throw error;
      }
      c.env.outgoing.setHeader(requestIdHeader, requestId);
      return target.service.proxy.pass(request, c.env.outgoing as ServerResponse);
    },

    takesUpgrade(request) {
      if (request.headers.upgrade?.toLowerCase() !== 'websocket') return false;
      try {
        return targetOf(services, request.url ?? '')?.service.websocket ?? false;
      } catch {
        return false; // the middleware says what is wrong with the path
      }
    },

    upgrade(request, socket, head) {
      socket.on('error', () => {}); // while it is found out who asks, nobody else listens
      if (socket.destroyed) return;
      sockets.set(socket, null);
      socket.once('close', () => sockets.delete(socket));
      const requestId = String(request.headers[requestIdHeader.toLowerCase()] ?? randomUUID());
      passUpgrade(request, socket, head, requestId).catch((error) => {
        if (error instanceof CodedError) log.info({ code: error.code, requestId }, 'WebSocket refused');
        else log.error({ err: error, requestId }, 'unexpected error');
        refuseUpgrade(socket, error, requestId);
      });
    },

    health: serviceHealth(running),
  };
}

/** Upgrades whose caller is content with the plain protocol (protocols.ts). */
const plainOffers = new WeakSet<IncomingMessage>();

function proxyTo({ name, port, path }: RunningService, log: Log, { silenceMs, upgradeMs }: Limits) {
  const prepare = (answer: IncomingMessage, request: IncomingMessage) =>
    prepareAnswer(answer.headers, path, [request.headers.host, `127.0.0.1:${port}`, `localhost:${port}`]);
  const requestIdOf = (request: IncomingMessage) => request.headers[requestIdHeader.toLowerCase()];
  return createProxy(`http://127.0.0.1:${port}`, {
    agent: false, // a kept connection that the service just closes would cost a POST its answer
    proxyTimeout: silenceMs,
    upgradeTimeout: upgradeMs,
    on: {
      error: ({ message, code }: NodeJS.ErrnoException, request) =>
        log.warn({ service: name, code: code ?? message, requestId: requestIdOf(request) }, 'a service gave no answer'),
      proxyRes: prepare,
      proxyReqWs(asked, request) {
        // it may answer without becoming a WebSocket, as to any request; neither comes by proxyRes
        asked.prependOnceListener('response', (answer) => prepare(answer, request));
        asked.prependOnceListener('upgrade', (answer) => {
          prepare(answer, request);
          Object.assign(answer.headers, { connection: 'Upgrade', upgrade: 'websocket' });
          const chosen = answer.headers['sec-websocket-protocol'];
          if (chosen === undefined && plainOffers.has(request)) answer.headers['sec-websocket-protocol'] = 'slipway';
        });
      },
    },
  });
}
