import type { Fault, Problem, ProblemCode } from '@slipway/contract/problems';

/** A problem whose code may be one that this copy of the contract doesn't know yet. */
export type AnyProblem = Omit<Problem, 'code'> & { code: ProblemCode | (string & {}) };

interface Circumstances {
  cause?: unknown;
  /** What the service said in `Retry-After`, in milliseconds. */
  retryAfterMs?: number | undefined;
}

/** The service answered, and its answer is a problem (RFC 9457). The message is the problem's detail. */
export class ProblemError extends Error {
  override name = 'ProblemError';
  /** The HTTP status. */
  readonly status: number;
  readonly code: AnyProblem['code'];
  readonly detail: string;
  /** The faults in the input; empty where the input is not to blame. */
  readonly errors: Fault[];
  readonly requestId: string;
  /** When the service wants to be asked again, in milliseconds from the answer; undefined where it didn't say. */
  readonly retryAfterMs: number | undefined;

  constructor(problem: AnyProblem, { retryAfterMs }: Circumstances = {}) {
    super(problem.detail);
    this.status = problem.status;
    this.code = problem.code;
    this.detail = problem.detail;
    this.errors = problem.errors ?? [];
    this.requestId = problem.requestId;
    this.retryAfterMs = retryAfterMs;
  }
}

/** No answer came, or one that is not the service's own, as a proxy's page while the service restarts. */
export class UnreachableError extends Error {
  override name = 'UnreachableError';
  /** The HTTP status; undefined where no answer came at all. */
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(message: string, { status, cause, retryAfterMs }: Circumstances & { status?: number } = {}) {
    super(message, { cause });
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

const outageStatuses = new Set([502, 503, 504]);

/** True where nothing could be reached: no answer, or a gateway that misses what is behind it. */
export function isOutage(error: unknown): boolean {
  if (error instanceof ProblemError) return outageStatuses.has(error.status);
  return error instanceof UnreachableError && (error.status === undefined || outageStatuses.has(error.status));
}

/** True where the same read may well succeed in some seconds: an outage, or too many requests (429). */
export function isPassing(error: unknown): boolean {
  return (
    isOutage(error) || ((error instanceof ProblemError || error instanceof UnreachableError) && error.status === 429)
  );
}

/** How long the service wants not to be asked, in milliseconds; 0 where it didn't say. */
export function retryAfterOf(error: unknown): number {
  return ((error instanceof ProblemError || error instanceof UnreachableError) && error.retryAfterMs) || 0;
}
