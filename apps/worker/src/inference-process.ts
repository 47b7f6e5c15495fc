import { type ChildProcess, fork } from 'node:child_process';
import type { Progress } from '@slipway/contract/jobs';
import { CodedError } from '@slipway/contract/problems';
import type { TaskName } from '@slipway/contract/tasks';
import type { Log } from '@slipway/runtime/log';
import { restartDelayMs, steadyMs } from './backoff.ts';
import type { Handled } from './handlers/handler.ts';
import type { ChildJob, FromChild, ModelFiles, ToChild } from './messages.ts';

/** How long a job that was told to stop may take to do so before its process is killed, in milliseconds. */
const graceMs = 2_000;

export type LoadState = 'none' | 'loading' | 'loaded' | 'failed';

interface Attempt {
  job: ChildJob;
  report: (progress: Progress) => void;
  signal: AbortSignal;
  resolve: (handled: Handled<TaskName>) => void;
  reject: (reason: unknown) => void;
}

export interface InferenceProcessOptions {
  /** The file of child.ts, or of its bundle. */
  entry: string;
  log: Log;
  /** Called at every change of `alive`, `busy` or `loadState`. */
  onChange: () => void;
}

/** One inference process and its supervision: started anew whenever it falls, its job rejected then. */
export class InferenceProcess {
  loadState: LoadState = 'none';
  loadFailure = '';
  /** Times in a row that the process ended while it loaded the model. */
  fallsWhileLoading = 0;

  #options: InferenceProcessOptions;
  #process: ChildProcess | undefined;
  #up = false;
  #stopped = false;
  #falls = 0;
  #model: ModelFiles | undefined;
  #attempt: Attempt | undefined;
  #restart: NodeJS.Timeout | undefined;

  constructor(options: InferenceProcessOptions) {
    this.#options = options;
    this.#start();
  }

  get alive(): boolean {
    return this.#up;
  }

  get busy(): boolean {
    return this.#attempt !== undefined;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Loads a model now and again after every restart. */
  load(model: ModelFiles): void {
    this.#model = model;
    this.fallsWhileLoading = 0;
    if (this.#up) this.#sendLoad(model);
  }

  /** Runs one attempt. Rejects with the job's CodedError, `child_crashed`, or the signal's reason. */
  run(job: ChildJob, report: (progress: Progress) => void, signal: AbortSignal): Promise<Handled<TaskName>> {
    return new Promise((resolve, reject) => {
      this.#attempt = { job, report, signal, resolve, reject };
      this.#options.onChange();
      this.#send({ type: 'run', job });
      if (signal.aborted) this.#cancel();
      else signal.addEventListener('abort', this.#cancel, { once: true });
    });
  }

  /** Ends the process for good. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#restart);
    this.#process?.kill('SIGKILL');
  }

  #start(): void {
    const { entry, log } = this.#options;
    const startedAt = performance.now();
    const process = fork(entry, [log.level], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.#process = process;
    process.on('message', (message: FromChild) => this.#receive(message));
    process.on('error', (err) => log.error({ err }, 'inference process'));
    process.once('exit', (code, signal) => this.#fell(performance.now() - startedAt, signal ?? `code ${code}`));
  }

  #fell(livedMs: number, how: string): void {
    const { log, onChange } = this.#options;
    this.#up = false;
    if (this.loadState === 'loading') this.fallsWhileLoading += 1;
    this.loadState = 'none';
    this.#end()?.reject(new CodedError('child_crashed', `The process that ran this job ended (${how}).`));
    if (!this.#stopped) {
      this.#falls = livedMs >= steadyMs ? 1 : this.#falls + 1;
      const delayMs = restartDelayMs(this.#falls);
      log.warn({ how, delayMs }, 'an inference process ended; starting another');
      this.#restart = setTimeout(() => this.#start(), delayMs);
    }
    onChange();
  }

  #receive(message: FromChild): void {
    // `node --watch` has each process tell which files it imports; told on, saving a handler starts the worker anew
    if (!('type' in message)) {
      process.send?.(message);
      return;
    }
    const attempt = this.#attempt;
    switch (message.type) {
      case 'up':
        this.#up = true;
        if (this.#model) this.#sendLoad(this.#model);
        break;
      case 'loaded':
        this.loadState = 'loaded';
        this.fallsWhileLoading = 0;
        break;
      case 'load-failed':
        this.loadState = 'failed';
        this.loadFailure = message.reason;
        break;
      case 'progress':
        if (attempt?.job.id === message.id) attempt.report(message.progress);
        return;
      case 'done':
        if (attempt?.job.id === message.id) this.#end()?.resolve(message.handled);
        break;
      case 'failed': {
        if (attempt?.job.id !== message.id) return;
        const { signal } = attempt;
        this.#end()?.reject(signal.aborted ? signal.reason : new CodedError(message.code, message.message));
      }
    }
    this.#options.onChange();
  }

  #sendLoad(model: ModelFiles): void {
    this.loadState = 'loading';
    this.#send({ type: 'load', model });
    this.#options.onChange();
  }

  /** Asks first; a process that computes in one long native call can't hear it, and is killed. */
  #cancel = (): void => {
    const attempt = this.#attempt;
    if (!attempt) return;
    this.#send({ type: 'cancel', id: attempt.job.id });
    const timer = setTimeout(() => {
      if (this.#attempt !== attempt) return;
      this.#end()?.reject(attempt.signal.reason);
      this.#process?.kill('SIGKILL');
    }, graceMs);
    timer.unref();
  };

  #end(): Attempt | undefined {
    const attempt = this.#attempt;
    attempt?.signal.removeEventListener('abort', this.#cancel);
    this.#attempt = undefined;
    return attempt;
  }

  /** A message to a process that is just ending is lost; its `exit` event tells the rest. */
  #send(message: ToChild): void {
    if (this.#process?.connected) this.#process.send(message, () => {});
  }
}
