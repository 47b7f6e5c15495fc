import { setTimeout as sleep } from 'node:timers/promises';
import { type Progress, taskOfJobId } from '@slipway/contract/jobs';
import { CodedError, type ProblemCode } from '@slipway/contract/problems';
import { payloadSchema, type Result } from '@slipway/contract/records';
import { type TaskInput, type TaskName, type TaskOptions, tasks } from '@slipway/contract/tasks';
import type { Log } from '@slipway/runtime/log';
import { UnrecoverableError } from 'bullmq';
import type { Redis } from 'ioredis';
import { formatFailure } from './failure.ts';
import { throttleProgress } from './progress.ts';
import { defaultPrefix } from './queues.ts';
import { createTaker, lockDurationMs, type Taken } from './taker.ts';

/** A job as its worker gets it, parsed anew: it may have been queued by an older version of the house. */
export interface WorkOf<T extends TaskName> {
  id: string;
  task: T;
  input: TaskInput<T>;
  options: TaskOptions<T>;
  report: (progress: Progress) => void;
  /** Aborted when the job is to end early. */
  signal: AbortSignal;
}
export type Work = { [T in TaskName]: WorkOf<T> }[TaskName];

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

export interface ConsumeOptions {
  /** Made by connectConsumer. */
  connection: Redis;
  tasks: TaskName[];
  /** How many jobs may run at once now: as many as there are places where one can really be computed. */
  places: () => number;
  run: (work: Work) => Promise<Result>;
  log: Log;
  prefix?: string;
}

export interface Consumer {
  /** Call it when `places` has grown. */
  placesChanged(): void;
  /** Takes no more jobs. */
  pause(): void;
  /** Resolves when no job runs any more and the connections are closed. */
  close(): Promise<void>;
}

/** Faults that another attempt can mend. Every other code is the job's own fault, and final. */
const worthRetrying: ReadonlySet<ProblemCode> = new Set(['child_crashed', 'worker_lost', 'internal']);

/** How soon the queues are looked at again after Redis refused, in milliseconds. */
const refusedPauseMs = 1_000;

/** Takes the tasks' jobs from their queues, as many at once as there are places, and runs them. */
export function consume({
  connection,
  tasks: names,
  places,
  run,
  log,
  prefix = defaultPrefix,
}: ConsumeOptions): Consumer {
  const taker = createTaker({ connection, tasks: names, prefix, log });
  const paused = new AbortController();
  const running = new Set<Promise<void>>();
  let wake = () => {};

  async function loop(): Promise<void> {
    while (!paused.signal.aborted) {
      if (running.size >= places()) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      const taken = await takeOrPause();
      if (taken) start(taken);
    }
  }

  /** A Redis that refuses (full, loading, a disk that can't be written) must not end the loop: it heals, and so do we. */
  async function takeOrPause(): Promise<Taken | undefined> {
    try {
      return await taker.take(paused.signal);
    } catch (err) {
      log.warn({ err, againMs: refusedPauseMs }, 'no job can be taken now');
      await sleep(refusedPauseMs, undefined, { signal: paused.signal }).catch(() => {});
      return undefined;
    }
  }

  function start(taken: Taken): void {
    const done: Promise<void> = work(taken, run, log).finally(() => {
      running.delete(done);
      wake();
    });
    running.add(done);
  }

  const looping = loop();
  return {
    placesChanged: () => wake(),
    pause() {
      paused.abort();
      wake();
    },
    async close() {
      this.pause();
      await looping;
      await Promise.all(running);
      await taker.close();
    },
  };
}

/** One attempt, from its lock to its end in the queue. Never rejects. */
async function work({ task, job, token }: Taken, run: ConsumeOptions['run'], log: Log): Promise<void> {
  const lost = new AbortController();
  const renewal = setInterval(() => {
    job.extendLock(token, lockDurationMs).then(
      // a job whose lock is gone belongs to somebody else already: nobody wants this run's result
      (held) => held === 0 && lost.abort(new Error('the lock of the job was lost')),
      () => {}, // Redis is away; whether the lock is still ours is seen when it is back
    );
  }, lockDurationMs / 2);
  const progress = throttleProgress((value) => job.updateProgress(value));
  const attempt = async () => {
    // BullMQ marks a job that stalled too often, and leaves it to the one who takes it to fail it
    if (job.deferredFailure) throw new UnrecoverableError(job.deferredFailure);
    return run(parseWork(task, job.id ?? '', job.data, progress.report, lost.signal));
  };
  try {
    const settle = await attempt().then(
      (result) => async () => {
        await job.moveToCompleted(result, token, false);
        // nobody reads the input of a job that succeeded, and inputs are what would fill Redis
        await job.updateData({ ...job.data, input: null });
      },
      (error: unknown) => {
        if (error instanceof NotYet) {
          progress.report(error.progress);
          return () => job.moveToDelayed(Date.now() + error.ms, token);
        }
        if (error instanceof HandedBack) return () => job.moveToWait(token);
        const failure = toFailure(error, log, job.id);
        log.warn({ job: job.id, reason: failure.message, attempt: job.attemptsMade + 1 }, 'attempt failed');
        return () => job.moveToFailed(failure, token, false);
      },
    );
    await progress.flush();
    await settle();
  } catch (err) {
    // the lock was lost to another worker, or Redis could not write: the job is still in the queue and runs again
    log.warn({ err, job: job.id }, 'the end of an attempt could not be written');
  } finally {
    clearInterval(renewal);
  }
}

function parseWork<T extends TaskName>(
  task: T,
  id: string,
  data: unknown,
  report: (progress: Progress) => void,
  signal: AbortSignal,
): Work {
  const { input, options } = tasks[task];
  const payload = payloadSchema.safeParse(data);
  const parsedInput = input.safeParse(payload.data?.input);
  const parsedOptions = options.safeParse(payload.data?.options ?? {});
  if (taskOfJobId(id) !== task || !parsedInput.success || !parsedOptions.success)
    throw new CodedError('invalid_input', 'The queued job does not fit what this version of the task takes.');
  // the three parts belong to one task, which the compiler can't follow through a union
  return { id, task, input: parsedInput.data, options: parsedOptions.data, report, signal } as Work;
}

function toFailure(error: unknown, log: Log, job: string | undefined): Error {
  if (error instanceof UnrecoverableError) return error;
  const coded = error instanceof CodedError ? error : undefined;
  if (!coded) log.error({ err: error, job }, 'unexpected error in a job');
  const code = coded?.code ?? 'internal';
  const message = formatFailure(
    code,
    coded?.message ?? 'The job failed for a reason that the log of the worker tells.',
  );
  return worthRetrying.has(code) ? new Error(message) : new UnrecoverableError(message);
}
