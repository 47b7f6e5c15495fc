import type { Fault, Problem, ProblemCode } from '@slipway/contract/problems';

/** The service answered, and its answer is a problem (RFC 9457). The message is the problem's detail. */
export class ProblemError extends Error {
  override name = 'ProblemError';
  /** The HTTP status. */
  readonly status: number;
  readonly code: ProblemCode;
  readonly detail: string;
  /** The faults in the input; empty where the input is not to blame. */
  readonly errors: Fault[];
  readonly requestId: string;

  constructor(problem: Problem) {
    super(problem.detail);
    this.status = problem.status;
    this.code = problem.code;
    this.detail = problem.detail;
    this.errors = problem.errors ?? [];
    this.requestId = problem.requestId;
  }
}

/** No answer came, or one that is not the service's own, as a proxy's page while the service restarts. */
export class UnreachableError extends Error {
  override name = 'UnreachableError';
  /** The HTTP status; undefined where no answer came at all. */
  readonly status: number | undefined;

  constructor(message: string, options: { status?: number; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.status = options.status;
  }
}

const outageStatuses = new Set([502, 503, 504]);

/** True where the same read may well succeed in some seconds: no answer, or a gateway that misses what is behind it. */
export function isOutage(error: unknown): boolean {
  if (error instanceof ProblemError) return outageStatuses.has(error.status);
  return error instanceof UnreachableError && (error.status === undefined || outageStatuses.has(error.status));
}
