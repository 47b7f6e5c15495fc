import { problemType } from '@slipway/contract/http';
import { CodedError, type Problem, type ProblemCode } from '@slipway/contract/problems';
import type { Context } from 'hono';
import type { RequestIdVariables } from 'hono/request-id';

type Status = 400 | 404 | 405 | 413 | 415 | 422 | 500 | 502 | 503;

/** The HTTP status and title of each code that a request can end in. A job's own failures never become a status. */
const table: Partial<Record<ProblemCode, { status: Status; title: string }>> = {
  invalid_request: { status: 400, title: 'The request is malformed' },
  invalid_json: { status: 400, title: 'The body is not valid JSON' },
  invalid_encoding: { status: 400, title: 'The body is not valid UTF-8' },
  invalid_input: { status: 422, title: 'The request does not fit the schema' },
  unsupported_media_type: { status: 415, title: 'This media type is not taken' },
  body_too_large: { status: 413, title: 'The body is too large' },
  not_found: { status: 404, title: 'There is nothing here' },
  job_not_found: { status: 404, title: 'There is no such job' },
  method_not_allowed: { status: 405, title: 'This method is not allowed here' },
  task_disabled: { status: 422, title: 'This task is turned off here' },
  queue_unavailable: { status: 503, title: 'The job queue cannot be reached' },
  upstream_unavailable: { status: 502, title: 'The service behind this path does not answer' },
};
const internal = { status: 500, title: 'Something went wrong here' } as const;

/** Turns any error into the native API's answer. What is not a CodedError tells nothing but that it happened. */
export function toProblem(error: unknown, requestId: string): Problem {
  const coded =
    error instanceof CodedError ? error : new CodedError('internal', 'The log tells more under this request id.');
  const { status, title } = table[coded.code] ?? internal;
  return {
    type: 'about:blank',
    title,
    status,
    code: coded.code,
    detail: coded.message,
    requestId,
    ...(coded.faults.length > 0 && { errors: coded.faults }),
  };
}

export function problemResponse(c: Context<{ Variables: RequestIdVariables }>, error: unknown): Response {
  const problem = toProblem(error, c.get('requestId'));
  return c.body(JSON.stringify(problem), problem.status as Status, {
    'Content-Type': problemType,
    ...(problem.status === 503 && { 'Retry-After': '2' }),
  });
}
