import { jobPath, jobsPath } from '@slipway/contract/http';
import type { Job } from '@slipway/contract/jobs';
import { type Readiness, readinessSchema } from '@slipway/contract/readiness';
import type { TaskInput, TaskName, TaskOptionsGiven } from '@slipway/contract/tasks';
import { jobAnswer } from './answers.ts';
import { type Fetch, request } from './request.ts';
import { type WaitOptions, waitForEnd } from './wait.ts';

/** Longest time for one answer, in milliseconds. A submission may carry megabytes over a slow line. */
const readTimeoutMs = 15_000;
const submitTimeoutMs = 120_000;

export interface ClientOptions {
  /** Where the service is, as `https://example.org` or `https://example.org/below`. */
  baseUrl: string;
  /** What sends the requests; the global `fetch` by default. */
  fetch?: Fetch | undefined;
}

/** Every call throws ProblemError when the service says no, and UnreachableError when it doesn't answer. */
export interface Client {
  /** Hands in a job and returns it as it was taken, before it runs. */
  submit<T extends TaskName>(task: T, input: TaskInput<T>, options?: TaskOptionsGiven<T>): Promise<Job<T>>;
  /** The job as it is now. `T` is the caller's word for the job's task. */
  get<T extends TaskName = TaskName>(id: string): Promise<Job<T>>;
  /** Polls until the job has ended and returns it; a failed job is returned too, not thrown. */
  wait<T extends TaskName = TaskName>(id: string, options?: WaitOptions<T>): Promise<Job<T>>;
  /** What the service says of itself, ready or not. */
  readiness(): Promise<Readiness>;
}

export function createClient({ baseUrl, fetch: send = (url, init) => fetch(url, init) }: ClientOptions): Client {
  const base = baseUrl.replace(/\/+$/, '');

  const look = <T extends TaskName>(id: string, signal?: AbortSignal) =>
    request(send, base + jobPath(id), {}, jobAnswer, { timeoutMs: readTimeoutMs, signal }) as Promise<Job<T>>;

  return {
    submit: <T extends TaskName>(task: T, input: TaskInput<T>, options?: TaskOptionsGiven<T>) => {
      const body = JSON.stringify({ task, input, options });
      const init = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body };
      return request(send, base + jobsPath, init, jobAnswer, { timeoutMs: submitTimeoutMs }) as Promise<Job<T>>;
    },
    get: (id) => look(id),
    wait: (id, options = {}) => waitForEnd((signal) => look(id, signal), options),
    readiness: () => request(send, `${base}/readyz`, {}, readinessSchema, { timeoutMs: readTimeoutMs }),
  };
}
