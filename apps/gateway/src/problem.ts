import { problemType } from '@slipway/contract/http';
import { type RequestCode, requestProblems } from '@slipway/contract/openapi/request-problems';
import { CodedError, type Problem, type ProblemCode } from '@slipway/contract/problems';
import type { Context } from 'hono';
import type { AppEnv } from './caller.ts';

type Status = (typeof requestProblems)[RequestCode]['status'];

const table: Partial<Record<ProblemCode, { status: Status; title: string }>> = requestProblems;

/** Turns any error into the native API's answer. What is not a CodedError tells nothing but that it happened. */
export function toProblem(error: unknown, requestId: string): Problem {
  const coded =
    error instanceof CodedError ? error : new CodedError('internal', 'The log tells more under this request id.');
  const { status, title } = table[coded.code] ?? requestProblems.internal;
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

export function problemResponse(c: Context<AppEnv>, error: unknown): Response {
  const problem = toProblem(error, c.get('requestId'));
  const retryAfter = retryAfterSeconds(error, problem.status);
  return c.body(JSON.stringify(problem), problem.status as Status, {
    'Content-Type': problemType,
    ...(retryAfter !== undefined && { 'Retry-After': String(retryAfter) }),
  });
}

/** What the error knows, else a moment for an outage. */
function retryAfterSeconds(error: unknown, status: number): number | undefined {
  const known = error instanceof CodedError ? error.retryAfterSeconds : undefined;
  return known ?? (status === 503 ? 2 : undefined);
}
