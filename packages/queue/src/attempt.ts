import { isDeepStrictEqual } from 'node:util';
import type { JobEvent } from '@slipway/contract/events';
import { CodedError, type ProblemCode } from '@slipway/contract/problems';
import type { Result, Terms } from '@slipway/contract/records';
import type { Log } from '@slipway/runtime/log';
import { UnrecoverableError } from 'bullmq';
import type { Redis } from 'ioredis';
import { overdue } from './deadlines.ts';
import { deadlinesKey, endField } from './end.ts';
import type { Endings } from './endings.ts';
import { recordRun } from './estimate/pace.ts';
import { createEventWriter } from './event-writer.ts';
import { addEvents } from './events.ts';
import { endStateOf, formatFailure, parseFailure } from './failure.ts';
import { parseTerms, termsField } from './inspect.ts';
import { dropLargeInput } from './kept-input.ts';
import { lockDurationMs, type Taken } from './taker.ts';
import { HandedBack, NotYet, parseWork, type Work } from './work.ts';

/** Faults that another attempt can mend. Every other code is the job's own fault, and final. */
const worthRetrying: ReadonlySet<ProblemCode> = new Set(['child_crashed', 'worker_lost', 'internal']);

/** Longest wait of a Node timer, in milliseconds. */
const longestTimer = 2 ** 31 - 1;

export interface AttemptDeps {
  connection: Redis;
  prefix: string;
  endings: Endings;
  run: (work: Work) => Promise<Result>;
  log: Log;
}

/** One attempt, from its lock to its end in the queue. Never rejects. */
export async function runAttempt(taken: Taken, { connection, prefix, endings, run, log }: AttemptDeps): Promise<void> {
  const { task, job, token } = taken;
  const id = job.id ?? '';
  const key = `${prefix}:${task}:${id}`;
  const lost = new AbortController();
  const ending = endings.listen(id);
  const signal = AbortSignal.any([ending, lost.signal]);
  const readOrders = () => connection.hmget(key, endField, termsField);
  const renewal = setInterval(() => {
    job.extendLock(token, lockDurationMs).then(
      // a job whose lock is gone belongs to somebody else already: nobody wants this run's result
      (held) => held === 0 && lost.abort(new Error('the lock of the job was lost')),
      () => {}, // Redis is away; whether the lock is still ours is seen when it is back
    );
    readOrders().then(
      ([reason]) => reason && endings.end(id, reason),
      () => {},
    );
  }, lockDurationMs / 2);
  const write = (...events: JobEvent[]) => addEvents(connection, prefix, id, events);
  const tell = (event: JobEvent) => write(event).catch(() => {}); // news are not worth a job
  const writer = createEventWriter({
    write: (events) => write(...events),
    writeProgress: (progress) => job.updateProgress(progress),
  });
  let deadline: NodeJS.Timeout | undefined;
  let terms: Terms = {};

  async function attempt(): Promise<Result> {
    // BullMQ marks a job that stalled too often, and leaves it to the one who takes it to fail it
    if (job.deferredFailure) throw new UnrecoverableError(job.deferredFailure);
    const [reason, json] = await readOrders();
    if (reason) endings.end(id, reason);
    terms = parseTerms(json);
    if (terms.deadline !== undefined) {
      const leftMs = Math.max(0, Math.min(terms.deadline - Date.now(), longestTimer));
      if (leftMs === 0) throw overdue();
      deadline = setTimeout(() => lost.abort(overdue()), leftMs);
    }
    signal.throwIfAborted();
    const number = job.attemptsMade + job.stalledCounter + 1;
    const started = () => void tell({ type: 'state', state: 'running', attempt: number });
    return runTimed(run, parseWork(task, id, job.data, terms, number, writer, started, signal));
  }

  try {
    const settle = await attempt().then(
      (result) => async () => {
        await job.moveToCompleted(result, token, false);
        await tell({ type: 'state', state: 'succeeded' });
        const { inputLength } = terms;
        const runMs = (job.finishedOn ?? 0) - (job.processedOn ?? 0);
        // a Redis that is full refuses it, and it is not worth the job
        if (inputLength !== undefined)
          await recordRun(connection, prefix, { task, model: result.model, inputLength, runMs }).catch(() => {});
      },
      (error: unknown) => {
        if (error instanceof NotYet) {
          // asked again each second: only what is new is worth an event
          if (!isDeepStrictEqual(job.progress, error.progress)) writer.progress(error.progress);
          return () => job.moveToDelayed(Date.now() + error.ms, token);
        }
        if (error instanceof HandedBack)
          return () => job.moveToWait(token).then(() => tell({ type: 'state', state: 'queued' }));
        const failure = toFailure(error, log, id);
        log.warn({ job: id, reason: failure.message, attempt: job.attemptsMade + 1 }, 'attempt failed');
        return async () => {
          await job.moveToFailed(failure, token, false);
          await tell({ type: 'state', state: job.finishedOn ? endStateOf(parseFailure(failure.message)) : 'queued' });
        };
      },
    );
    await writer.flush();
    await settle();
    if (deadline && job.finishedOn) await connection.zrem(deadlinesKey(prefix), id);
    if (job.finishedOn) await dropLargeInput(connection, key);
  } catch (err) {
    // the lock was lost to another worker, or Redis could not write: the job is still in the queue and runs again
    log.warn({ err, job: id }, 'the end of an attempt could not be written');
  } finally {
    clearInterval(renewal);
    clearTimeout(deadline);
    endings.forget(id, ending);
  }
}

/** Adds to the result how long the first text took, where text came piece by piece. */
async function runTimed(run: AttemptDeps['run'], work: Work): Promise<Result> {
  let startedAt = performance.now();
  let firstTokenMs: number | null = null;
  let pieces = 0;
  const started = () => {
    startedAt = performance.now();
    work.started();
  };
  const output = (text: string) => {
    firstTokenMs ??= Math.round(performance.now() - startedAt);
    pieces += 1;
    work.output(text);
  };
  const result = await run({ ...work, started, output });
  return { ...result, firstTokenMs: pieces > 1 ? firstTokenMs : null };
}

function toFailure(error: unknown, log: Log, job: string): Error {
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
