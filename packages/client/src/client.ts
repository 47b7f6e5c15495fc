import { type ModelInfo, modelListSchema, type TaskInfo, taskListSchema } from '@slipway/contract/catalogue';
import {
  apiPath,
  jobCancelPath,
  jobDeliveriesPath,
  jobEventsPath,
  jobPath,
  jobResultPath,
  jobRetryPath,
  jobsBatchPath,
  jobsPath,
} from '@slipway/contract/http';
import type { JobList, ListedJob } from '@slipway/contract/job-list';
import type { Job } from '@slipway/contract/jobs';
import { type Readiness, readinessSchema } from '@slipway/contract/readiness';
import type { TaskInput, TaskName, TaskOptionsGiven, TaskOutput } from '@slipway/contract/tasks';
import { type Delivery, deliveryListSchema } from '@slipway/contract/webhooks';
import { type Answer, batchAnswer, jobAnswer, listAnswer, outputAnswer, type Taken } from './answers.ts';
import { type ListQuery, listPath } from './list.ts';
import { lookAt, readTimeoutMs } from './look.ts';
import { insist, type OnRetry, type ReadOptions } from './patience.ts';
import { type Fetch, request } from './request.ts';
import { type StreamEvent, type StreamOptions, streamEvents } from './stream.ts';
import {
  batchOf,
  formSubmission,
  type JobTerms,
  jsonSubmission,
  keyed,
  newIdempotencyKey,
  postJson,
  type Submission,
  type UploadTaskName,
} from './submission.ts';
import { type WaitOptions, type WaitSource, waitForEnd } from './wait.ts';

/** Longest time for one answer, in milliseconds: a submission may carry megabytes over a slow line. */
const submitTimeoutMs = 120_000;
/** A stream that has brought nothing by then is held back on its way; `wait` then polls. */
const waitFirstByteMs = 5_000;

export interface ClientOptions {
  /** Where the service is, as `https://example.org` or `https://example.org/below`. */
  baseUrl: string;
  /** The key that the service's operator gave, where one is needed. One that no header can hold is a TypeError. */
  apiKey?: string | undefined;
  /** What sends the requests; the global `fetch` by default. */
  fetch?: Fetch | undefined;
  /** Told each time that a call is about to be tried again. */
  onRetry?: OnRetry | undefined;
}

export interface KeyedOptions extends ReadOptions {
  /**
   * Text of your own, at most 255 characters of ASCII: the same key with the same submission gives the same job again,
   * in this call and in later ones. By default each call has a new one.
   */
  idempotencyKey?: string | undefined;
}

/** Terms of a job, and of the call that hands it in. */
export interface SubmitTerms extends JobTerms, KeyedOptions {}

export interface GetOptions extends ReadOptions {
  /** Answer only when its state changes or has ended, or after this many seconds; at most 55. */
  waitSeconds?: number | undefined;
}

/**
 * Every call throws ProblemError when the service says no, and UnreachableError when it doesn't answer. Calls bear with
 * short outages and with "too many requests", and come back when the service says (`Retry-After`); nothing is done twice
 * by that, for submissions carry an idempotency key. `T` is the caller's word for the job's task.
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
  /**
   * Hands in up to 100 jobs at once; each is taken or refused by itself, in the order given. ProblemError
   * `batch_too_large` (413) where they are more than the service's limit ever allows at once.
   */
  submitMany<const S extends readonly Submission[]>(
    submissions: S,
    options?: KeyedOptions,
  ): Promise<{ [I in keyof S]: Taken<S[I]['task']> }>;
  /** The job as it is now, or at its next change. */
  get<T extends TaskName = TaskName>(id: string, options?: GetOptions): Promise<Job<T>>;
  /** One page of the jobs of this client's key, newest first; ProblemError `key_required` (403) without one. */
  list(query?: ListQuery, options?: ReadOptions): Promise<JobList>;
  /** All of them, page by page, for one loop. */
  listAll(query?: Omit<ListQuery, 'cursor'>, options?: ReadOptions): AsyncIterable<ListedJob>;
  /** What the job gave; ProblemError `job_unfinished` or `job_without_result` (409) where there is nothing. */
  result<T extends TaskName = TaskName>(id: string, options?: ReadOptions): Promise<TaskOutput<T>>;
  /** Ends a job and returns it; one that runs may still say so, and ends within seconds. */
  cancel<T extends TaskName = TaskName>(id: string, options?: ReadOptions): Promise<Job<T>>;
  /** Makes a new job of one that has ended; what is given stands for its input or options. */
  retry<T extends TaskName = TaskName>(
    id: string,
    edited?: { input?: TaskInput<T>; options?: TaskOptionsGiven<T> },
    options?: KeyedOptions,
  ): Promise<Job<T>>;
  /**
   * Ends a job if need be, erases what it was given and what it gave, and returns what is left. One that does not stop within
   * 10 s is erased when it has ended: its `erasedAt` is null until then.
   */
  erase<T extends TaskName = TaskName>(id: string, options?: ReadOptions): Promise<Job<T>>;
  /** Each try to tell the job's webhook, oldest first. */
  deliveries(id: string, options?: ReadOptions): Promise<Delivery[]>;
  /** Tells what happens to the job until it has ended, for one loop; leaving the loop ends the request. */
  stream<T extends TaskName = TaskName>(id: string, options?: StreamOptions): AsyncIterable<StreamEvent<T>>;
  /** Waits until the job has ended and returns it; a failed job is returned too, not thrown. */
  wait<T extends TaskName = TaskName>(id: string, options?: WaitOptions<T>): Promise<Job<T>>;
  /** What can be asked for here. */
  tasks(options?: ReadOptions): Promise<TaskInfo[]>;
  models(options?: ReadOptions): Promise<ModelInfo[]>;
  /** What the service says of itself, ready or not. Asks once. */
  readiness(): Promise<Readiness>;
}

export function createClient(options: ClientOptions): Client {
  const { baseUrl, apiKey, onRetry, fetch: plainSend = (url, init) => fetch(url, init) } = options;
  const base = baseUrl.replace(/\/+$/, '');
  const send = apiKey ? withApiKey(plainSend, apiKey) : plainSend;

  const ask = <A>(
    path: string,
    init: RequestInit,
    answer: Answer<A>,
    reading: ReadOptions,
    timeoutMs = readTimeoutMs,
  ) => {
    const once = () => request(send, base + path, init, answer, { timeoutMs, signal: reading.signal });
    return insist(once, reading, { onRetry });
  };
  const submission = (init: RequestInit, terms: SubmitTerms) =>
    ask(jobsPath, keyed(init, terms.idempotencyKey ?? newIdempotencyKey()), jobAnswer, terms, submitTimeoutMs);
  const source = (id: string): WaitSource => ({
    send,
    url: base + jobEventsPath(id),
    look: (looking) => lookAt(send, base, id, looking),
    onRetry,
  });
  const list = (query: ListQuery = {}, reading: ReadOptions = {}) => ask(listPath(query), {}, listAnswer, reading);

  return {
    submit: async <T extends TaskName>(
      task: T,
      input: TaskInput<T>,
      options?: TaskOptionsGiven<T>,
      terms: SubmitTerms = {},
    ) => {
      return (await submission(jsonSubmission(task, input, options, terms), terms)) as Job<T>;
    },
    submitFile: async <T extends UploadTaskName>(
      task: T,
      file: Blob,
      options?: TaskOptionsGiven<T>,
      terms: SubmitTerms = {},
    ) => {
      return (await submission(formSubmission(task, file, options, terms), terms)) as Job<T>;
    },
    submitMany: <const S extends readonly Submission[]>(
      submissions: S,
      { idempotencyKey: key = newIdempotencyKey(), ...reading }: KeyedOptions = {},
    ) => {
      const init = keyed(postJson(batchOf(submissions)), key);
      const answer = batchAnswer(submissions.length);
      return ask(jobsBatchPath, init, answer, reading, submitTimeoutMs) as Promise<{
        [I in keyof S]: Taken<S[I]['task']>;
      }>;
    },
    get: async <T extends TaskName>(id: string, { waitSeconds, ...reading }: GetOptions = {}) => {
      const look = () => lookAt(send, base, id, { signal: reading.signal, waitSeconds });
      return (await insist(look, reading, { onRetry })).job as Job<T>;
    },
    list,
    listAll: async function* (query: ListQuery = {}, reading: ReadOptions = {}) {
      let cursor: string | undefined;
      do {
        const { jobs, nextCursor } = await list({ ...query, cursor }, reading);
        yield* jobs;
        cursor = nextCursor ?? undefined;
      } while (cursor !== undefined);
    },
    result: <T extends TaskName>(id: string, reading: ReadOptions = {}) =>
      ask(jobResultPath(id), {}, outputAnswer(id), reading) as Promise<TaskOutput<T>>,
    // twice is as good as once
    cancel: <T extends TaskName>(id: string, reading: ReadOptions = {}) =>
      ask(jobCancelPath(id), { method: 'POST' }, jobAnswer, reading) as Promise<Job<T>>,
    retry: <T extends TaskName>(
      id: string,
      edited?: { input?: TaskInput<T>; options?: TaskOptionsGiven<T> },
      { idempotencyKey: key = newIdempotencyKey(), ...reading }: KeyedOptions = {},
    ) => {
      const init = keyed(edited === undefined ? { method: 'POST' } : postJson(edited), key);
      return ask(jobRetryPath(id), init, jobAnswer, reading, submitTimeoutMs) as Promise<Job<T>>;
    },
    erase: <T extends TaskName>(id: string, reading: ReadOptions = {}) =>
      ask(jobPath(id), { method: 'DELETE' }, jobAnswer, reading) as Promise<Job<T>>,
    deliveries: async (id, reading = {}) =>
      (await ask(jobDeliveriesPath(id), {}, deliveryListSchema, reading)).deliveries,
    stream: <T extends TaskName>(id: string, options: StreamOptions = {}) =>
      streamEvents(source(id), options) as AsyncIterable<StreamEvent<T>>,
    wait: <T extends TaskName>(id: string, options: WaitOptions<T> = {}) =>
      waitForEnd({ ...source(id), firstByteMs: waitFirstByteMs }, options as WaitOptions) as Promise<Job<T>>,
    tasks: async (reading = {}) => (await ask(`${apiPath}/tasks`, {}, taskListSchema, reading)).tasks,
    models: async (reading = {}) => (await ask(`${apiPath}/models`, {}, modelListSchema, reading)).models,
    readiness: () => request(send, `${base}/readyz`, {}, readinessSchema, { timeoutMs: readTimeoutMs }),
  };
}

function withApiKey(send: Fetch, apiKey: string): Fetch {
  const authorization = new Headers({ Authorization: `Bearer ${apiKey}` });
  return (url, init) => {
    const headers = new Headers(init.headers);
    for (const [name, value] of authorization) headers.set(name, value);
    return send(url, { ...init, headers });
  };
}
