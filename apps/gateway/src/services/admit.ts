import type { IncomingHttpHeaders } from 'node:http';
import type { RunningService } from '@slipway/config/running-services';
import { CodedError } from '@slipway/contract/problems';
import type { Caller } from '../caller.ts';
import type { Identity } from './headers.ts';

export interface AdmitOptions {
  /** Throws CodedError `unauthorized` or `rate_limited` (access/access.ts). */
  identify: (headers: Headers) => Caller;
  /** Whether the request comes from an operator who is signed in. */
  isOperator: (headers: Headers) => Promise<boolean>;
}

export interface Asking {
  headers: IncomingHttpHeaders;
  method: string;
  upgrade: boolean;
}

/** Who asks a service, by the rule of its `access`. Throws CodedError where the answer is no. */
export async function admit(
  { access }: Pick<RunningService, 'access'>,
  { identify, isOperator }: AdmitOptions,
  asking: Asking,
): Promise<Identity> {
  if (access === 'public') return { owner: null, operator: false };
  const headers = webHeaders(asking.headers);
  if (access === 'key') return { owner: identify(headers).owner, operator: false };
  if (!(await isOperator(headers)))
    throw new CodedError('unauthorized', 'This is for the operator of this instance, signed in at /admin/.');
  // the session's cookie comes with whatever another site makes the browser send; reading an answer it can't
  const acts = asking.upgrade || !['GET', 'HEAD'].includes(asking.method);
  if (acts && !fromHere(headers))
    throw new CodedError('key_required', 'The request comes from a page of another site.');
  return { owner: null, operator: true };
}

/** Programs send no Origin; browsers do, with every request that acts and every WebSocket. */
function fromHere(headers: Headers): boolean {
  const origin = headers.get('Origin');
  return origin === null || (URL.canParse(origin) && new URL(origin).host === headers.get('Host'));
}

function webHeaders(headers: IncomingHttpHeaders): Headers {
  const pairs = Object.entries(headers).map(([name, value]): [string, string] => [name, String(value ?? '')]);
  return new Headers(pairs.filter(([name]) => !name.startsWith(':')));
}
