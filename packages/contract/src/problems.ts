import { z } from 'zod';

/**
 * Every way in which a request or a job can fail, as a stable code. Clients branch on the code, people read the detail.
 * The gateway gives each request fault its HTTP status (apps/gateway/src/problem.ts).
 */
export const problemCodes = [
  // the request
  'invalid_request',
  'invalid_json',
  'invalid_encoding',
  'invalid_input',
  'unauthorized',
  'key_required',
  'sign_in_required',
  'forbidden',
  'idempotency_conflict',
  'rate_limited',
  'queue_full',
  'too_many_uploads',
  'unsupported_media_type',
  'body_too_large',
  'batch_too_large',
  'not_found',
  'job_not_found',
  'job_unfinished',
  'job_without_result',
  'job_erased',
  'input_gone',
  'method_not_allowed',
  'queue_unavailable',
  'upstream_unavailable',
  'internal',
  // the job
  'task_disabled',
  'model_unavailable',
  'child_crashed',
  'worker_lost',
  'time_limit',
  'deadline_exceeded',
  'canceled',
] as const;

export type ProblemCode = (typeof problemCodes)[number];
export const problemCodeSchema = z.enum(problemCodes);

/** One fault in the input. */
export const faultSchema = z.object({
  pointer: z.string().describe('JSON pointer (RFC 6901) into the body.'),
  message: z.string().describe('What is wrong there.'),
});
export type Fault = z.infer<typeof faultSchema>;

/** The body of every error answer: RFC 9457 (application/problem+json) with a code and the request's id. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: problemCodeSchema.describe('Stable: what a program may branch on.'),
  detail: z.string().describe('What happened, for people.'),
  requestId: z.string().describe('The same as in the header X-Request-Id and in the log.'),
  errors: z.array(faultSchema).optional().describe('Each fault of the input, at most 20.'),
});
export type Problem = z.infer<typeof problemSchema>;

/** Why a job failed, as it stands on the job. */
export const jobErrorSchema = z.object({ code: problemCodeSchema, message: z.string() });
export type JobError = z.infer<typeof jobErrorSchema>;

/**
 * An error that a caller may see. Its message goes out as written, so it must never hold input text or secrets; what is
 * only for the log goes into `cause`.
 */
export class CodedError extends Error {
  override name = 'CodedError';
  readonly code: ProblemCode;
  readonly faults: Fault[];
  /** After how many seconds it is worth trying again, where that is known. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    code: ProblemCode,
    message: string,
    options: { faults?: Fault[]; retryAfterSeconds?: number; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.faults = options.faults ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}
