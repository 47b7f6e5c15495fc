import { type Progress, taskOfJobId } from '@slipway/contract/jobs';
import { CodedError } from '@slipway/contract/problems';
import { payloadSchema, type Terms } from '@slipway/contract/records';
import { type TaskInput, type TaskName, type TaskOptions, tasks } from '@slipway/contract/tasks';
import type { EventWriter } from './event-writer.ts';

/** A job as its worker gets it, parsed anew: it may have been queued by an older version of the house. */
export interface WorkOf<T extends TaskName> {
  id: string;
  task: T;
  input: TaskInput<T>;
  options: TaskOptions<T>;
  /** 1 for the first. */
  attempt: number;
  /** Longest run of this attempt, in milliseconds. */
  timeLimitMs: number;
  /** To be called when the run really begins, and not while it waits for what it needs. */
  started: () => void;
  report: (progress: Progress) => void;
  /** Text as it is generated, to be appended to what came before. */
  output: (text: string) => void;
  /** A sentence for the one who handed in the job. */
  log: (line: string) => void;
  /** Aborted when the job is to end early. */
  signal: AbortSignal;
}
export type Work = { [T in TaskName]: WorkOf<T> }[TaskName];

/** The stage that tells of a job that waits for its model; the only progress that a waiting job shows. */
export const waitingStage = 'waiting-for-model';

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

/** Throws CodedError `invalid_input`. */
export function parseWork<T extends TaskName>(
  task: T,
  id: string,
  data: unknown,
  terms: Terms,
  attempt: number,
  writer: EventWriter,
  started: () => void,
  signal: AbortSignal,
): Work {
  const { input, options, timeoutMs } = tasks[task];
  const payload = payloadSchema.safeParse(data);
  const parsedInput = input.safeParse(payload.data?.input);
  const parsedOptions = options.safeParse(payload.data?.options ?? {});
  if (taskOfJobId(id) !== task || !parsedInput.success || !parsedOptions.success)
    throw new CodedError('invalid_input', 'The queued job does not fit what this version of the task takes.');
  // the three parts belong to one task, which the compiler can't follow through a union
  return {
    id,
    task,
    input: parsedInput.data,
    options: parsedOptions.data,
    attempt,
    timeLimitMs: Math.min(timeoutMs, terms.timeLimitMs ?? timeoutMs),
    started,
    report: writer.progress,
    output: writer.output,
    log: writer.log,
    signal,
  } as Work;
}
