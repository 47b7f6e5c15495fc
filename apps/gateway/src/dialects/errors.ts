import { requestProblems } from '@slipway/contract/openapi/request-problems';
import { CodedError, type Fault, type ProblemCode } from '@slipway/contract/problems';
import type { Log } from '@slipway/runtime/log';
import type { Context, ErrorHandler } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { AppEnv } from '../caller.ts';

/** Writes an error in the shape of one dialect. */
export type ErrorAnswer = (c: Context<AppEnv>, error: CodedError) => Response;

/** Those who wait for a job get its end as the answer, so here the codes of jobs have a status too. */
const statuses: Partial<Record<ProblemCode, ContentfulStatusCode>> = {
  ...Object.fromEntries(Object.entries(requestProblems).map(([code, { status }]) => [code, status])),
  canceled: 409,
  model_unavailable: 503,
  time_limit: 504,
  deadline_exceeded: 504,
};

export const statusOf = (code: ProblemCode): ContentfulStatusCode => statuses[code] ?? 500;

/** As `statusOf`, for the client of the Hub: at 503 it asks again at once, for ever. */
export function statusWithout503(code: ProblemCode): ContentfulStatusCode {
  const status = statusOf(code);
  return status === 503 ? 502 : status;
}

const passing = new Set<ProblemCode>([
  'rate_limited',
  'queue_full',
  'too_many_uploads',
  'queue_unavailable',
  'upstream_unavailable',
]);

/** Whether the same request may do better in a moment. A job that failed was tried several times already. */
export const isPassing = (code: ProblemCode): boolean => passing.has(code);

/** Seconds; for what passes by itself there is always some. */
const fewSeconds = 2;
export function retryAfter({ code, retryAfterSeconds }: CodedError): Record<string, string> {
  const seconds = retryAfterSeconds ?? (isPassing(code) ? fewSeconds : undefined);
  return seconds === undefined ? {} : { 'Retry-After': String(Math.ceil(seconds)) };
}

/** What is not a CodedError tells nothing but that it happened. */
export function toCoded(error: unknown, log: Log, requestId: string): CodedError {
  if (error instanceof CodedError) {
    if (error.cause) log.warn({ err: error.cause, code: error.code, requestId }, error.code);
    return error;
  }
  log.error({ err: error, requestId }, 'unexpected error');
  return new CodedError('internal', 'The log tells more under this request id.');
}

export const answerErrors =
  (log: Log, answer: ErrorAnswer): ErrorHandler<AppEnv> =>
  (error, c) =>
    answer(c, toCoded(error, log, c.get('requestId')));

/** A fault of the request, by its JSON pointer in the dialect's own body. */
export function fail(pointer: string, message: string): never {
  throw invalid([{ pointer, message }]);
}

/** Pointers into the native envelope, and what stands there in the dialect. */
export type Names = Record<string, string>;

/** The same error with the dialect's pointers: a caller can't mend a field that he did not send. */
export function inOwnWords(error: unknown, names: Names): unknown {
  if (!(error instanceof CodedError) || error.faults.length === 0) return error;
  return invalid(
    error.faults.map(({ pointer, message }) => ({ pointer: rename(pointer, names), message })),
    error,
  );
}

function rename(pointer: string, names: Names): string {
  const known = Object.keys(names).find((name) => pointer === name || pointer.startsWith(`${name}/`));
  return known === undefined ? pointer : names[known] + pointer.slice(known.length);
}

function invalid(faults: Fault[], { code, cause }: { code: ProblemCode; cause?: unknown } = { code: 'invalid_input' }) {
  const [first] = faults;
  return new CodedError(code, `${first?.pointer || 'The body'} ${first?.message}.`, { faults, cause });
}
