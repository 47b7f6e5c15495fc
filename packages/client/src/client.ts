import { jobCancelPath, jobEventsPath, jobPath, jobResultPath, jobsPath } from '@slipway/contract/http';
import type { Job } from '@slipway/contract/jobs';
import { type Readiness, readinessSchema } from '@slipway/contract/readiness';
import type { TaskInput, TaskName, TaskOptionsGiven, TaskOutput } from '@slipway/contract/tasks';
import { type Answer, jobAnswer, outputAnswer } from './answers.ts';
import { insist, type ReadOptions } from './patience.ts';
import { type Fetch, request } from './request.ts';
import { type StreamEvent, type StreamOptions, streamEvents } from './stream.ts';
import { formSubmission, jsonSubmission, type SubmitTerms, type UploadTaskName } from './submission.ts';
import { type WaitOptions, waitForEnd } from './wait.ts';

/** Longest time for one answer, in milliseconds. A submission may carry megabytes over a slow line. */
const readTimeoutMs = 15_000;
const submitTimeoutMs = 120_000;
/** A stream that has brought nothing by then is held back on its way; `wait` then polls. */
const waitFirstByteMs = 5_000;

export interface ClientOptions {
  /** Where the service is, as `https://example.org` or `https://example.org/below`. */
  baseUrl: string;
  /** What sends the requests; the global `fetch` by default. */
  fetch?: Fetch | undefined;
}

/**
 * Every call throws ProblemError when the service says no, and UnreachableError when it doesn't answer. Calls with an id
 * bear with short outages; a submission is sent once, for a second one would be a second job. `T` is the caller's word
 * for the job's task.
 */
export interface Client {
  /** Hands in a job and returns it as it was taken, before it runs. */
  submit<T extends TaskName>(
    task: T,
    input: TaskInput<T>,
    options?: TaskOptionsGiven<T>,
    terms?: SubmitTerms,
  ): Promise<Job<T>>;
  /** Hands in a job whose input is a document or an image. */
  submitFile<T extends UploadTaskName>(
    task: T,
    file: Blob | File,
    options?: TaskOptionsGiven<T>,
    terms?: SubmitTerms,
  ): Promise<Job<T>>;
  /** The job as it is now. */
  get<T extends TaskName = TaskName>(id: string, options?: ReadOptions): Promise<Job<T>>;
  /** What the job gave; ProblemError `job_unfinished` or `job_without_result` (409) where there is nothing. */
  result<T extends TaskName = TaskName>(id: string, options?: ReadOptions): Promise<TaskOutput<T>>;
  /** Ends a job and returns it; one that runs may still say so, and ends within seconds. */
  cancel<T extends TaskName = TaskName>(id: string, options?: ReadOptions): Promise<Job<T>>;
  /** Tells what happens to the job until it has ended, for one loop; leaving the loop ends the request. */
  stream<T extends TaskName = TaskName>(id: string, options?: StreamOptions): AsyncIterable<StreamEvent<T>>;
  /** Waits until the job has ended and returns it; a failed job is returned too, not thrown. */
  wait<T extends TaskName = TaskName>(id: string, options?: WaitOptions<T>): Promise<Job<T>>;
  /** What the service says of itself, ready or not. Asks once. */
  readiness(): Promise<Readiness>;
}

export function createClient({ baseUrl, fetch: send = (url, init) => fetch(url, init) }: ClientOptions): Client {
  const base = baseUrl.replace(/\/+$/, '');

  const submission = (init: RequestInit) =>
    request(send, base + jobsPath, init, jobAnswer, { timeoutMs: submitTimeoutMs });
  const ask = <A>(path: string, init: RequestInit, answer: Answer<A>, signal?: AbortSignal) =>
    request(send, base + path, init, answer, { timeoutMs: readTimeoutMs, signal });
  const askAgain = <A>(path: string, init: RequestInit, answer: Answer<A>, options: ReadOptions) =>
    insist(() => ask(path, init, answer, options.signal), options);
  const source = (id: string) => ({
    send,
    url: base + jobEventsPath(id),
    look: (signal: AbortSignal | undefined) => ask(jobPath(id), {}, jobAnswer, signal),
  });

  return {
    submit: async <T extends TaskName>(
      task: T,
      input: TaskInput<T>,
      options?: TaskOptionsGiven<T>,
      terms: SubmitTerms = {},
    ) => (await submission(jsonSubmission(task, input, options, terms))) as Job<T>,
    submitFile: async <T extends UploadTaskName>(
      task: T,
      file: Blob,
      options?: TaskOptionsGiven<T>,
      terms: SubmitTerms = {},
    ) => (await submission(formSubmission(task, file, options, terms))) as Job<T>,
    get: <T extends TaskName>(id: string, options: ReadOptions = {}) =>
      askAgain(jobPath(id), {}, jobAnswer, options) as Promise<Job<T>>,
    result: <T extends TaskName>(id: string, options: ReadOptions = {}) =>
      askAgain(jobResultPath(id), {}, outputAnswer(id), options) as Promise<TaskOutput<T>>,
    // twice is as good as once
    cancel: <T extends TaskName>(id: string, options: ReadOptions = {}) =>
      askAgain(jobCancelPath(id), { method: 'POST' }, jobAnswer, options) as Promise<Job<T>>,
    stream: <T extends TaskName>(id: string, options: StreamOptions = {}) =>
      streamEvents(source(id), options) as AsyncIterable<StreamEvent<T>>,
    wait: <T extends TaskName>(id: string, options: WaitOptions<T> = {}) =>
      waitForEnd({ ...source(id), firstByteMs: waitFirstByteMs }, options as WaitOptions) as Promise<Job<T>>,
    readiness: () => ask('/readyz', {}, readinessSchema),
  };
}
