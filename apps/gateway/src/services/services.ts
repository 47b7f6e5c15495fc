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
import { createProxy } from '../proxy.ts';
import { refuseUpgrade } from '../refuse-upgrade.ts';
import { type AdmitOptions, admit } from './admit.ts';
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
}

/**
 * A service that says nothing for this long, in milliseconds, is given up: 502. An event stream needs a heartbeat. The
 * platform cuts what is silent for about 60 s.
 */
const silenceMs = (onSpace: boolean) => (onSpace ? 55_000 : 120_000);
/** Longest wait for the answer to an upgrade, in milliseconds. */
const upgradeMs = 10_000;

/** The services that a fork brings, behind their paths and access rules. */
export function createServices(running: RunningService[], options: ServicesOptions): Services {
  const { log, stopping } = options;
  const services = running.map((service) => ({ ...service, proxy: proxyTo(service, silenceMs(options.onSpace)) }));
  const sockets = new Set<Socket>();
  stopping.addEventListener('abort', () => {
    for (const socket of sockets) socket.destroy();
  });

  /** Changes the request into what the service is to get; throws where the caller may not. */
  async function prepare(
    request: IncomingMessage,
    { service, url }: Target<RunningService>,
    requestId: string,
  ): Promise<void> {
    const { headers } = request;
    const identity = await admit(service, options, headers);
    const hideCredentials = service.access === 'admin' || identity.owner !== null;
    prepareHeaders(headers, { identity, requestId, prefix: service.path, hideCredentials });
    request.url = url;
  }

  async function passUpgrade(request: IncomingMessage, socket: Socket, head: Buffer, requestId: string) {
    const target = targetOf(services, request.url ?? '');
    if (!target?.service.websocket) throw new CodedError('not_found', 'There is no WebSocket here.');
    const { plain } = takeProtocols(request.headers);
    await prepare(request, target, requestId);
    log.debug({ service: target.service.name, requestId }, 'WebSocket');
    request.headers.connection = 'Upgrade';
    request.headers.upgrade = 'websocket';
    if (plain) plainOffers.add(request);
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
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
        if (error instanceof CodedError && error.code === 'unauthorized') c.header('WWW-Authenticate', 'Bearer');
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

function proxyTo({ port, path }: RunningService, proxyTimeout: number) {
  return createProxy(`http://127.0.0.1:${port}`, {
    agent: false, // a kept connection that the service just closes would cost a POST its answer
    proxyTimeout,
    upgradeTimeout: upgradeMs,
    on: {
      proxyRes: (answer, request) =>
        prepareAnswer(answer.headers, path, [request.headers.host, `127.0.0.1:${port}`, `localhost:${port}`]),
      proxyReqWs(asked, request) {
        asked.prependOnceListener('upgrade', (answer) => {
          const chosen = answer.headers['sec-websocket-protocol'];
          if (chosen === undefined && plainOffers.has(request)) answer.headers['sec-websocket-protocol'] = 'slipway';
        });
      },
    },
  });
}
