import { type Progress, taskOfJobId } from '@slipway/contract/jobs';
import { CodedError, type ProblemCode } from '@slipway/contract/problems';
import { type Payload, payloadSchema, type Result } from '@slipway/contract/records';
import { type TaskInput, type TaskName, type TaskOptions, tasks } from '@slipway/contract/tasks';
import type { Log } from '@slipway/runtime/log';
import { DelayedError, type Job, UnrecoverableError, WaitingError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { formatFailure } from './failure.ts';
import { throttleProgress } from './progress.ts';
import { defaultPrefix } from './queues.ts';

/** A job as its worker gets it, parsed anew: it may have been queued by an older version of the house. */
export interface Work<T extends TaskName = TaskName> {
  id: string;
  task: T;
  input: TaskInput<T>;
  options: TaskOptions<T>;
  report: (progress: Progress) => void;
  /** Aborted when the job is to end early. */
  signal: AbortSignal;
}

/** Thrown by `run` when the job can't run yet. It waits, and is asked again after `ms`, without losing an attempt. */
export class NotYet extends Error {
  override name = 'NotYet';
  readonly ms: number;
  readonly progress: Progress;

  constructor(ms: number, progress: Progress) {
    super(progress.message);
    this.ms = ms;
    this.progress = progress;
  }
}

/** Thrown by `run` when the worker stops before the job is done. It goes back to its place without losing an attempt. */
export class HandedBack extends Error {
  override name = 'HandedBack';
}

export interface ConsumeOptions<T extends TaskName> {
  connection: Redis;
  task: T;
  /** How many jobs at once: as many as there are places where one can really be computed. */
  concurrency: number;
  run: (work: Work<T>) => Promise<Result>;
  log: Log;
  prefix?: string;
}

export interface Consumer {
  /** Takes no more jobs. */
  pause(): Promise<void>;
  /** Resolves when no job runs any more and the connections are closed. */
  close(): Promise<void>;
}

/** Faults that another attempt can mend. Every other code is the job's own fault, and final. */
const worthRetrying: ReadonlySet<ProblemCode> = new Set(['child_crashed', 'worker_lost', 'internal']);

/**
 * How long a dead worker's job stays its own, and how often that is looked at. BullMQ's defaults make a job of a killed
 * worker wait 60 s; these, about 10 s. Safe because nothing blocks this process: models run in its children.
 */
const lockDurationMs = 10_000;
const stalledIntervalMs = 5_000;

/** Takes a task's jobs from its queue and runs them. */
export function consume<T extends TaskName>(options: ConsumeOptions<T>): Consumer {
  const { connection, task, concurrency, log, prefix = defaultPrefix } = options;
  const worker: Worker<Payload, Result> = new Worker(
    task,
    // three parameters: BullMQ makes the signal only for a function that declares them
    (job, token, signal) => process(job, token, signal),
    {
      connection,
      prefix,
      concurrency,
      lockDuration: lockDurationMs,
      stalledInterval: stalledIntervalMs,
      maxStalledCount: tasks[task].attempts - 1,
      runRetryDelay: 1_000,
      drainDelay: 5,
    },
  );
  worker.on('error', (err) => log.debug({ err }, 'queue worker')); // the connection's own listener reports outages
  worker.on('stalled', (id) => log.warn({ job: id }, 'job lost its worker; it will run again'));
  worker.on('failed', (job, err) =>
    log.warn({ job: job?.id, reason: err.message, attempts: job?.attemptsMade }, 'attempt failed'),
  );

  async function process(job: Job<Payload, Result>, token: string | undefined, signal?: AbortSignal): Promise<Result> {
    const progress = throttleProgress((value) => job.updateProgress(value));
    try {
      const work = parseWork(options.task, job, progress.report, signal ?? new AbortController().signal);
      return await options.run(work);
    } catch (error) {
      if (error instanceof NotYet) {
        progress.report(error.progress);
        await progress.flush();
        await job.moveToDelayed(Date.now() + error.ms, token);
        throw new DelayedError();
      }
      if (error instanceof HandedBack) {
        await job.moveToWait(token);
        throw new WaitingError();
      }
      throw toFailure(error, log, job.id);
    } finally {
      await progress.flush();
    }
  }

  return { pause: () => worker.pause(true), close: () => worker.close() };
}

function parseWork<T extends TaskName>(
  task: T,
  job: Job<Payload>,
  report: (progress: Progress) => void,
  signal: AbortSignal,
): Work<T> {
  const id = job.id ?? '';
  const { input, options } = tasks[task];
  const payload = payloadSchema.safeParse(job.data);
  const parsedInput = input.safeParse(payload.data?.input);
  const parsedOptions = options.safeParse(payload.data?.options ?? {});
  if (taskOfJobId(id) !== task || !parsedInput.success || !parsedOptions.success)
    throw new CodedError('invalid_input', 'The queued job does not fit what this version of the task takes.');
  return {
    id,
    task,
    input: parsedInput.data as TaskInput<T>,
    options: parsedOptions.data as TaskOptions<T>,
    report,
    signal,
  };
}

function toFailure(error: unknown, log: Log, job: string | undefined): Error {
  const coded = error instanceof CodedError ? error : undefined;
  if (!coded) log.error({ err: error, job }, 'unexpected error in a job');
  const code = coded?.code ?? 'internal';
  const message = formatFailure(
    code,
    coded?.message ?? 'The job failed for a reason that the log of the worker tells.',
  );
  return worthRetrying.has(code) ? new Error(message) : new UnrecoverableError(message);
}
