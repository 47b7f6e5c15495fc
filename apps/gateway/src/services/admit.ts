import type { IncomingHttpHeaders } from 'node:http';
import type { RunningService } from '@slipway/config/running-services';
import { CodedError } from '@slipway/contract/problems';
import type { Caller } from '../caller.ts';
import type { Identity } from './headers.ts';

export interface AdmitOptions {
  /** Throws CodedError `unauthorized` or `rate_limited` (access/access.ts). */
  identify: (headers: Headers) => Caller;
  /**
   * Whether the request, or the upgrade, comes from an operator who is signed in. It must say no to what a page of
   * another site sends: the session's cookie comes with that too.
   */
  isOperator: (headers: Headers) => Promise<boolean>;
}

/** Who asks a service, by the rule of its `access`. Throws CodedError where the answer is no. */
export async function admit(
  { access }: Pick<RunningService, 'access'>,
  { identify, isOperator }: AdmitOptions,
  incoming: IncomingHttpHeaders,
): Promise<Identity> {
  if (access === 'public') return { owner: null, operator: false };
  const headers = webHeaders(incoming);
  if (access === 'key') return { owner: identify(headers).owner, operator: false };
  if (await isOperator(headers)) return { owner: null, operator: true };
  throw new CodedError('unauthorized', 'This is for the operator of this instance, signed in at /admin/.');
}

function webHeaders(incoming: IncomingHttpHeaders): Headers {
  return new Headers(Object.entries(incoming).map(([name, value]): [string, string] => [name, String(value ?? '')]));
}
