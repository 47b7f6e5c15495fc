import { jobPath } from '@slipway/contract/http';
import type { Job } from '@slipway/contract/jobs';
import { jobAnswer } from './answers.ts';
import { errorOf, exchange, type Fetch, parseJson } from './request.ts';

/** A job as it was seen, and the version that this was. */
export interface Seen {
  job: Job;
  /** The `ETag`; undefined where none came through. */
  etag?: string | undefined;
}

export interface LookOptions {
  signal?: AbortSignal | undefined;
  /** What was seen last: the same comes back where nothing has changed since. */
  last?: Seen | undefined;
  /** Longest time for the service to wait for news before it answers, in seconds. */
  waitSeconds?: number | undefined;
}

/** Longest time for one answer beyond the wait that was asked for, in milliseconds. */
export const readTimeoutMs = 15_000;

/** Reads a job once. Throws ProblemError, UnreachableError and the signal's reason. */
export async function lookAt(
  send: Fetch,
  base: string,
  id: string,
  { signal, last, waitSeconds }: LookOptions,
): Promise<Seen> {
  const url = base + jobPath(id) + (waitSeconds === undefined ? '' : `?wait=${waitSeconds}`);
  const headers = new Headers(last?.etag === undefined ? [] : [['If-None-Match', last.etag]]);
  const timeoutMs = readTimeoutMs + (waitSeconds ?? 0) * 1000;
  // the browser's own cache would answer its 304 with a 200 of its own
  const { response, text } = await exchange(send, url, { headers, cache: 'no-store' }, { timeoutMs, signal });
  if (response.status === 304 && last) return last;
  const job = jobAnswer.safeParse(parseJson(text));
  if (!job.success) throw errorOf(response, text, job.error);
  return { job: job.data, etag: response.headers.get('etag') ?? undefined };
}
