import type { IncomingHttpHeaders } from 'node:http';
import { requestIdHeader } from '@slipway/contract/http';

/** Of one connection only (RFC 9110, 7.6.1), and Expect, which nginx has answered already. */
const hopByHop = ['connection', 'expect', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'upgrade'];
/** What frames the body may be named in Connection and must stay all the same: without it a body becomes a request. */
const framing = ['content-length', 'host', 'transfer-encoding'];

/** Who asks, as services learn it. */
export interface Identity {
  /** Name of the key that was shown, or null. */
  owner: string | null;
  /** An operator who is signed in. */
  operator: boolean;
}

export interface Passing {
  identity: Identity;
  requestId: string;
  /** Path of the service, without which it is asked. */
  prefix: string;
  /** The access rule has read them: the key is not the service's business. */
  hideCredentials: boolean;
}

/** Takes away what is of the connection between us and nginx, also what its Connection header names. */
export function dropHopByHop(headers: IncomingHttpHeaders): void {
  const named = String(headers.connection ?? '').split(',');
  for (const name of [...hopByHop, 'proxy-authenticate', 'proxy-authorization', ...named].map((name) => name.trim()))
    if (!framing.includes(name.toLowerCase())) delete headers[name.toLowerCase()];
}

/**
 * Makes a request's headers what a service may believe. They are changed before the request is passed on, for the
 * library's own hook is skipped by `Expect: 100-continue`. Frameworks that read `_` as `-` see one name for both, so
 * both go. Our cookies are the operator's session.
 */
export function prepareHeaders(headers: IncomingHttpHeaders, passing: Passing): void {
  dropHopByHop(headers);
  for (const name of Object.keys(headers)) if (isOurs(name)) delete headers[name];
  if (passing.hideCredentials) for (const name of ['authorization', 'x-api-key']) delete headers[name];
  const cookies = headers.cookie?.split(/; */).filter((cookie) => !isOurCookie(cookie));
  if (cookies?.length) headers.cookie = cookies.join('; ');
  else delete headers.cookie;

  const { owner, operator } = passing.identity;
  if (owner !== null) headers['x-slipway-owner'] = encodeURIComponent(owner);
  if (operator) headers['x-slipway-operator'] = 'true';
  headers['x-forwarded-prefix'] = passing.prefix;
  if (headers.host !== undefined) headers['x-forwarded-host'] = headers.host;
  headers[requestIdHeader.toLowerCase()] = passing.requestId;
}

function isOurs(name: string): boolean {
  const plain = name.toLowerCase().replaceAll('_', '-');
  if (plain !== name.toLowerCase() && /^(x-forwarded-|x-real-ip|x-request-id)/.test(plain)) return true;
  return /^(x-slipway-|x-forwarded-(prefix|host)$|forwarded$)/.test(plain);
}

/** The operator's session, and whatever else the house may keep in a browser. */
export const isOurCookie = (cookie: string) => /^\s*(__Host-|__Secure-)?slipway/i.test(cookie);
