import type { JobList, ListQuery } from '@slipway/contract/job-list';
import type { Job } from '@slipway/contract/jobs';
import type { Delivery } from '@slipway/contract/webhooks';
import type { News } from '@slipway/queue/follow';
import type { Submitted } from '@slipway/queue/payload';
import type { Caller } from './caller.ts';
import type { Submission } from './submission.ts';

export interface Taken {
  job: Job;
  /** True where an earlier request with the same idempotency key made it. */
  replayed: boolean;
}

/**
 * Where every way of asking, native or in another service's dialect, hands in jobs and asks for them. A job of another
 * key is as good as none: `job_not_found`. All throw CodedError.
 */
export interface Desk {
  /** Keeps a job, or throws `queue_full`, `queue_unavailable` or, for a key that was used before, `idempotency_conflict`. */
  submit(submission: Submission, caller: Caller, idempotencyKey?: string): Promise<Taken>;
  /** Of each key whether the caller has a job that was made under it. */
  made(idempotencyKeys: string[], caller: Caller): Promise<boolean[]>;
  get(id: string, caller: Caller): Promise<Job>;
  /** The job when it has ended, or as it is after `ms` or when the signal is aborted. */
  untilEnd(id: string, caller: Caller, ms: number, signal: AbortSignal): Promise<Job>;
  /** The same, and also as soon as it is as `until` says. */
  waitUntil(id: string, caller: Caller, until: (job: Job) => boolean, ms: number, signal: AbortSignal): Promise<Job>;
  /** Everything that the job tells after the event `after`, until it has ended (packages/queue/src/follow.ts). */
  follow(id: string, caller: Caller, after: string | undefined, signal: AbortSignal): AsyncGenerator<News>;
  cancel(id: string, caller: Caller): Promise<Job>;
  /** Erases what it was given and gave: at once, which `erasedAt` tells, or, where it has not ended, when it has. */
  erase(id: string, caller: Caller): Promise<Job>;
  /** What it was given, for a retry: `job_erased`. */
  submitted(id: string, caller: Caller): Promise<Submitted>;
  deliveries(id: string, caller: Caller): Promise<Delivery[]>;
  /** Those of the caller's key: `key_required` where there is none. */
  list(query: ListQuery, caller: Caller): Promise<JobList>;
}
