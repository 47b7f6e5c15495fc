import { endStates, type Job } from '@slipway/contract/jobs';
import { CodedError } from '@slipway/contract/problems';
import type { TaskName, TaskOutput } from '@slipway/contract/tasks';
import type { Context } from 'hono';
import { spend } from '../access/limits.ts';
import type { AppEnv } from '../caller.ts';
import type { UploadedFile } from '../form.ts';
import type { Submission } from '../submission.ts';
import type { DialectDeps } from './deps.ts';
import { inOwnWords, type Names } from './errors.ts';

/** Longest that a dialect waits for its job, in milliseconds. The platform cuts what is silent for about 60 s. */
export const patienceMs = (onSpace: boolean) => (onSpace ? 55_000 : 10 * 60_000);

/** Longest that a stream of a dialect lasts, in milliseconds: it is never silent for long. */
export const streamMs = 10 * 60_000;

/** A job as a dialect asks for it. */
export interface Asked<T extends TaskName = TaskName> {
  /** Unchecked: `check` judges it. */
  value: { task: T; input: unknown; options?: unknown };
  file?: UploadedFile;
  /** For faults: what the native fields are called in the dialect. */
  names: Names;
}

export type Succeeded<T extends TaskName = TaskName> = Job<T> & { output: TaskOutput<T> };

/** Submits one job. Throws CodedError: what kept it from being taken. */
export async function submit(c: Context<AppEnv>, deps: DialectDeps, asked: Asked): Promise<Job> {
  const [job] = await submitAll(c, deps, [asked]);
  return job as Job;
}

/** Submits one job and waits for its success. Throws CodedError: what kept it from being taken, or why it failed. */
export async function run<T extends TaskName>(c: Context<AppEnv>, deps: DialectDeps, asked: Asked<T>) {
  const [job] = await runAll(c, deps, [asked]);
  return job as Succeeded<T>;
}

/** Several at once; with one that fails the others are canceled. */
export async function runAll<T extends TaskName>(
  c: Context<AppEnv>,
  deps: DialectDeps,
  all: Asked<T>[],
): Promise<Succeeded<T>[]> {
  const endAt = performance.now() + deps.patienceMs; // reading its files counts
  const jobs = await submitAll(c, deps, all);
  try {
    return (await Promise.all(jobs.map(({ id }) => finish(c, deps, id, endAt)))) as Succeeded<T>[];
  } catch (error) {
    await Promise.all(jobs.map(({ id }) => drop(c, deps, id)));
    throw error;
  }
}

/** All are checked before the first is submitted, and all are submitted or none. */
async function submitAll(c: Context<AppEnv>, deps: DialectDeps, all: Asked[]): Promise<Job[]> {
  await spend(c, deps.limiters.submissions, all.length);
  const submissions: Submission[] = [];
  // one after the other: each may hold a decoded image
  for (const asked of all) submissions.push(await check(c, deps, asked));
  const jobs: Job[] = [];
  try {
    for (const submission of submissions) jobs.push((await deps.desk.submit(submission, c.get('caller'))).job);
    return jobs;
  } catch (error) {
    await Promise.all(jobs.map(({ id }) => drop(c, deps, id)));
    throw error;
  }
}

async function check(c: Context<AppEnv>, deps: DialectDeps, { value, file, names }: Asked): Promise<Submission> {
  try {
    return await deps.check(value, file, c.req.raw.signal);
  } catch (error) {
    throw inOwnWords(error, names);
  }
}

async function finish(c: Context<AppEnv>, deps: DialectDeps, id: string, endAt: number): Promise<Succeeded> {
  const leftMs = Math.max(0, endAt - performance.now());
  const job = await deps.desk.untilEnd(id, c.get('caller'), leftMs, leaving(c, deps));
  if (!endStates.has(job.state)) throw unfinished(c, deps, deps.patienceMs);
  return succeeded(job);
}

/** Aborted when there is nobody left to answer, or nobody to do it. */
export function leaving(c: Context<AppEnv>, { stopping }: DialectDeps): AbortSignal {
  return AbortSignal.any([c.req.raw.signal, stopping]);
}

/** Why a job that was waited for has no end. */
export function unfinished(c: Context<AppEnv>, { stopping }: DialectDeps, limitMs = streamMs): CodedError {
  if (c.req.raw.signal.aborted) return new CodedError('canceled', 'The caller went away.');
  if (stopping.aborted) return new CodedError('upstream_unavailable', 'The gateway stops. Try again in a moment.');
  const limit = limitMs < 60_000 ? `${limitMs / 1_000} seconds` : `${limitMs / 60_000} minutes`;
  return new CodedError('deadline_exceeded', `Not done within ${limit}, and canceled. Use ${nativeHint}.`);
}
const nativeHint = 'POST /api/v1/jobs for long work';

/** The job if it has its output; else throws why not. */
export function succeeded(job: Job): Succeeded {
  if (job.state === 'succeeded') return job as Succeeded;
  throw new CodedError(job.error?.code ?? 'internal', job.error?.message ?? `The job ${job.state}.`);
}

/** Cancels a job that nobody can ask for any more. What has ended stays as it is. */
export async function drop(c: Context<AppEnv>, { desk, log }: DialectDeps, id: string): Promise<void> {
  try {
    await desk.cancel(id, c.get('caller'));
  } catch (err) {
    log.warn({ err, requestId: c.get('requestId') }, 'a job that nobody waits for could not be canceled');
  }
}
