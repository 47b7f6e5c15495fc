import type { ProblemCode } from '../problems.ts';

/** The HTTP status and title of each code that a request can end in. A job's own failures never become a status. */
export const requestProblems = {
  invalid_request: { status: 400, title: 'The request is malformed' },
  invalid_json: { status: 400, title: 'The body is not valid JSON' },
  invalid_encoding: { status: 400, title: 'The body is not valid UTF-8' },
  unauthorized: { status: 401, title: 'There is no such key' },
  key_required: { status: 403, title: 'This needs an API key' },
  sign_in_required: { status: 401, title: 'This is for the operator' },
  forbidden: { status: 403, title: 'This is not allowed' },
  not_found: { status: 404, title: 'There is nothing here' },
  job_not_found: { status: 404, title: 'There is no such job' },
  method_not_allowed: { status: 405, title: 'This method is not allowed here' },
  job_unfinished: { status: 409, title: 'The job has not ended' },
  job_without_result: { status: 409, title: 'The job has no result' },
  input_gone: { status: 409, title: 'The input was not kept' },
  job_erased: { status: 410, title: 'The job was erased' },
  body_too_large: { status: 413, title: 'The body is too large' },
  batch_too_large: { status: 413, title: 'These are more at once than the limit ever allows' },
  unsupported_media_type: { status: 415, title: 'This media type is not taken' },
  invalid_input: { status: 422, title: 'The request does not fit the schema' },
  task_disabled: { status: 422, title: 'This task is turned off here' },
  idempotency_conflict: { status: 422, title: 'The idempotency key was used for another request' },
  rate_limited: { status: 429, title: 'Too many requests' },
  queue_full: { status: 429, title: 'The queue is full' },
  too_many_uploads: { status: 429, title: 'Too many files are being read' },
  internal: { status: 500, title: 'Something went wrong here' },
  upstream_unavailable: { status: 502, title: 'The service behind this path does not answer' },
  queue_unavailable: { status: 503, title: 'The job queue cannot be reached' },
} as const satisfies Partial<Record<ProblemCode, { status: number; title: string }>>;
export type RequestCode = keyof typeof requestProblems;
