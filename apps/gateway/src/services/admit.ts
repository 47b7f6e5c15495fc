import type { IncomingMessage } from 'node:http';
import type { RunningService } from '@slipway/config/running-services';
import type { OperatorRole } from '@slipway/contract/admin';
import { CodedError } from '@slipway/contract/problems';
import type { Caller } from '../caller.ts';
import type { Asked } from '../operator/foreign.ts';
import type { Identity } from './headers.ts';

export interface AdmitOptions {
  /** Throws CodedError `unauthorized` or `rate_limited` (access/access.ts). */
  identify: (headers: Headers) => Caller;
  /**
   * What who is signed in may be, null for who is not. It must be that too for what a page of another site sends: the
   * session's cookie comes with it.
   */
  roleOf: (asked: Asked) => Promise<OperatorRole | null>;
}

/** Who asks a service, by the rule of its `access`. Throws CodedError where the answer is no. */
export async function admit(
  { access }: Pick<RunningService, 'access'>,
  { identify, roleOf }: AdmitOptions,
  request: IncomingMessage,
): Promise<Identity> {
  if (access === 'public') return { owner: null, operator: false };
  const asked = askedOf(request);
  if (access === 'key') return { owner: identify(asked.headers).owner, operator: false };
  const role = await roleOf(asked);
  if (role === 'operator') return { owner: null, operator: true };
  // not sign_in_required: who signs in already would be sent to and fro
  if (role !== null) throw new CodedError('forbidden', 'A viewer may not do this. Sign in as an operator.');
  throw new CodedError('sign_in_required', 'This is for the operator of this instance. Sign in at /admin/login first.');
}

/** As it came: what we take out of the request's own headers later stays. */
export function askedOf({ method = 'GET', headers }: IncomingMessage): Asked {
  const entries = Object.entries(headers).map(([name, value]): [string, string] => [name, String(value ?? '')]);
  return { method, headers: new Headers(entries) };
}

/** A person opens this in a browser. Over plain HTTP browsers do not say so, but they ask for a page. */
export function isNavigation({ method, headers }: IncomingMessage): boolean {
  const mode = headers['sec-fetch-mode'];
  return method === 'GET' && (mode === undefined ? /\btext\/html\b/.test(headers.accept ?? '') : mode === 'navigate');
}
