import { idempotencyKeyHeader } from '@slipway/contract/http';
import type { Priority } from '@slipway/contract/jobs';
import type { TaskInput, TaskName, TaskOptionsGiven, tasks } from '@slipway/contract/tasks';
import type { Webhook } from '@slipway/contract/webhooks';

/** The tasks whose input may come as a file. */
export type UploadTaskName = {
  [T in TaskName]: (typeof tasks)[T]['upload'] extends undefined ? never : T;
}[TaskName];

/** What the caller says about a job besides its input. */
export interface JobTerms {
  priority?: Priority | undefined;
  /** Words to find the job by, at most 10. */
  tags?: readonly string[] | undefined;
  /** Where the service tells what becomes of the job. */
  webhook?: Webhook | undefined;
  /** The job ends as `expired` if it is not done by then; a string is ISO 8601. */
  deadline?: Date | string | undefined;
  /** Longest run of one attempt, in milliseconds; at most the task's own limit. */
  timeLimitMs?: number | undefined;
}

/** Any job that may be submitted, as one value. */
export type Submission = {
  [T in TaskName]: { task: T; input: TaskInput<T>; options?: TaskOptionsGiven<T> | undefined } & JobTerms;
}[TaskName];

/** A new key for a submission: 128 random bits. `crypto.randomUUID` is missing in pages that came without TLS. */
export function newIdempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The request under this key. Throws TypeError for a key that no header can hold. */
export function keyed(init: RequestInit, key: string): RequestInit {
  const headers = new Headers(init.headers);
  headers.set(idempotencyKeyHeader, key);
  return { ...init, headers };
}

/** A time for the wire. */
export const isoTime = (time: Date | string | undefined) => (time instanceof Date ? time.toISOString() : time);

export const postJson = (value: unknown): RequestInit => ({
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(value),
});

/** A submission as JSON. */
export function jsonSubmission<T extends TaskName>(
  task: T,
  input: TaskInput<T>,
  options: TaskOptionsGiven<T> | undefined,
  terms: JobTerms,
): RequestInit {
  return postJson({ task, input, options, ...wireTerms(terms) });
}

/** A submission as a form with a file. The small parts come first, so that their faults can be told before the file is read. */
export function formSubmission<T extends UploadTaskName>(
  task: T,
  file: Blob,
  options: TaskOptionsGiven<T> | undefined,
  terms: JobTerms,
): RequestInit {
  const body = new FormData();
  body.append('task', task);
  for (const [name, value] of Object.entries({ options, ...wireTerms(terms) }))
    if (value !== undefined) body.append(name, typeof value === 'string' ? value : JSON.stringify(value));
  body.append('file', file); // a File keeps its name
  return { method: 'POST', body };
}

/** The body of a batch. */
export const batchOf = (submissions: readonly Submission[]) => ({
  jobs: submissions.map(({ task, input, options, ...terms }) => ({ task, input, options, ...wireTerms(terms) })),
});

/** Only what the wire knows: the caller's object may hold more. */
function wireTerms({ priority, tags, webhook, deadline, timeLimitMs }: JobTerms) {
  return { priority, tags, webhook, deadline: isoTime(deadline), timeLimitMs };
}
