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

/** A process that loads a model is deaf for a while and is let be; after this long, in milliseconds, it counts as hung. */
const longestLoadMs = 5 * 60_000;

/** When a model that every process keeps and that could not be loaded is tried again, in milliseconds. */
const loadAgainMs = 30_000;

/** A model whose loading ends the process this often in a row (for want of memory, mostly) is given up. */
const maxFallsWhileLoading = 3;

export type LoadState = 'loading' | 'loaded' | 'failed';

/** Most jobs that a process computes at once, where their task allows it: what one pass of a model takes. */
export const mostShared = 16;

/** Where a run tells what becomes of it. */
export interface Listener {
  /** A process has taken the job. */
  started: () => void;
  report: (progress: Progress) => void;
  /** Text as it is generated, to be appended to what came before. */
  output: (text: string) => void;
  /** A sentence for the one who handed in the job. */
  log: (line: string) => void;
}

interface Attempt {
  job: ChildJob;
  listener: Listener;
  /** Called when the signal is aborted. */
  cancel: () => void;
  signal: AbortSignal;
  resolve: (handled: Handled<TaskName>) => void;
  reject: (reason: unknown) => void;
}

export interface InferenceProcessOptions {
  /** The file of child.ts, or of its bundle. */
  entry: string;
  log: Log;
  /** After a job that left the process with more than this many bytes of memory, another takes its place. */
  maxRssBytes: number;
  /** 30,000 by default. */
  loadAgainMs?: number | undefined;
  /** Called at every change of `alive`, `busy` or `loads`. */
  onChange: () => void;
}

/** One inference process and its supervision: started anew whenever it falls, its jobs rejected then. */
export class InferenceProcess {
  /** The models that it holds, loads or could not load; forgotten when the process ends. */
  readonly loads = new Map<TaskName, LoadState>();
  readonly loadFailures = new Map<TaskName, string>();
  /** Times in a row that the process ended by itself while it loaded a task's model. */
  readonly fallsWhileLoading = new Map<TaskName, number>();

  #options: InferenceProcessOptions;
  #process: ChildProcess | undefined;
  #up = false;
  #stopped = false;
  #killed = false;
  #falls = 0;
  /** It is to be replaced as soon as it has no job. */
  #outworn = false;
  /** When the last load began, by performance.now(). */
  #loadingSince = 0;
  #keep = new Map<TaskName, ModelFiles>();
  #lastUse = new Map<TaskName, number>();
  #attempts = new Map<string, Attempt>();
  #restart: NodeJS.Timeout | undefined;

  constructor(options: InferenceProcessOptions) {
    this.#options = options;
    this.#start();
  }

  get alive(): boolean {
    return this.#up;
  }

  get busy(): boolean {
    return this.#attempts.size > 0;
  }

  /** Whether the job may be computed together with those that this process has now. One that has none shares nothing. */
  canShare(job: ChildJob): boolean {
    const running = [...this.#attempts.values()];
    return (
      job.shares &&
      !this.#outworn &&
      running.length > 0 &&
      running.length < mostShared &&
      running.every((other) => other.job.shares && other.job.task === job.task)
    );
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Loading the task's model ended the process so often in a row that it is not tried again. */
  givenUp(task: TaskName): boolean {
    return (this.fallsWhileLoading.get(task) ?? 0) >= maxFallsWhileLoading;
  }

  /** Loads a model now and again after every restart. */
  load(model: ModelFiles): void {
    this.#keep.set(model.task, model);
    this.fallsWhileLoading.delete(model.task);
    if (this.#up) this.#send({ type: 'load', model });
  }

  /** Runs one attempt. Rejects with the job's CodedError, `child_crashed`, or the signal's reason. */
  run(job: ChildJob, listener: Listener, signal: AbortSignal): Promise<Handled<TaskName>> {
    return new Promise((resolve, reject) => {
      const cancel = () => this.#cancel(job.id);
      this.#attempts.set(job.id, { job, listener, signal, cancel, resolve, reject });
      this.#lastUse.set(job.task, Date.now());
      this.#options.onChange();
      this.#send({ type: 'run', job });
      listener.started();
      if (signal.aborted) cancel();
      else signal.addEventListener('abort', cancel, { once: true });
    });
  }

  /** Ends the process for good. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#restart);
    this.#kill();
  }

  /** What was missing (memory, a file) may be there now. */
  #loadAgain(task: TaskName): void {
    const model = this.#keep.get(task);
    if (model && this.loads.get(task) === 'failed') this.#send({ type: 'load', model });
  }

  #start(): void {
    const { entry, log } = this.#options;
    const startedAt = performance.now();
    const process = fork(entry, [log.level], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.#process = process;
    this.#killed = false;
    this.#outworn = false;
    process.on('message', (message: FromChild) => this.#receive(message));
    process.on('error', (err) => log.error({ err }, 'inference process'));
    // a process that could not even be started tells no `exit`, but this it tells too
    process.once('close', (code, signal) => this.#fell(performance.now() - startedAt, signal ?? `code ${code}`));
  }

  #fell(livedMs: number, how: string): void {
    const { log, onChange } = this.#options;
    this.#up = false;
    for (const [task, state] of this.loads)
      if (state === 'loading' && !this.#killed)
        this.fallsWhileLoading.set(task, (this.fallsWhileLoading.get(task) ?? 0) + 1);
    this.loads.clear();
    this.#endAll(new CodedError('child_crashed', `The process that ran this job ended (${how}).`));
    if (!this.#stopped) {
      this.#falls = this.#killed ? 0 : livedMs >= steadyMs ? 1 : this.#falls + 1;
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
    const attempt = 'id' in message ? this.#attempts.get(message.id) : undefined;
    switch (message.type) {
      case 'up':
        this.#up = true;
        for (const model of this.#keep.values()) if (!this.givenUp(model.task)) this.#send({ type: 'load', model });
        break;
      case 'loading':
        this.loads.set(message.task, 'loading');
        this.#loadingSince = performance.now();
        break;
      case 'loaded':
        this.loads.set(message.task, 'loaded');
        this.fallsWhileLoading.delete(message.task);
        break;
      case 'load-failed':
        this.loads.set(message.task, 'failed');
        this.loadFailures.set(message.task, message.reason);
        setTimeout(() => this.#loadAgain(message.task), this.#options.loadAgainMs ?? loadAgainMs).unref();
        break;
      case 'progress':
        attempt?.listener.report(message.progress);
        return;
      case 'output':
        attempt?.listener.output(message.text);
        return;
      case 'log':
        attempt?.listener.log(message.line);
        return;
      case 'done':
        this.#end(attempt)?.resolve(message.handled);
        this.#recycle(message.rssBytes);
        break;
      case 'failed':
        this.#end(attempt)?.reject(
          attempt?.signal.aborted ? attempt.signal.reason : new CodedError(message.code, message.message),
        );
        this.#recycle(message.rssBytes);
    }
    this.#options.onChange();
  }

  /** onnxruntime gives little memory back, so a process that has grown is replaced between two jobs. */
  #recycle(rssBytes: number): void {
    const { maxRssBytes, log } = this.#options;
    if (rssBytes > maxRssBytes && !this.#outworn) {
      log.info({ rssBytes, maxRssBytes }, 'an inference process has grown too large; replacing it');
      this.#outworn = true;
    }
    this.#replaceIfFree();
  }

  /** Lets go of models that no job has asked for in `idleMs`, but for those that every process keeps. */
  dropIdle(idleMs: number): void {
    if (!this.#up || this.#outworn) return;
    const now = Date.now();
    const used = new Set([...this.#attempts.values()].map(({ job }) => job.task));
    const idle = [...this.loads.keys()].filter(
      (task) => !this.#keep.has(task) && !used.has(task) && now - (this.#lastUse.get(task) ?? 0) > idleMs,
    );
    if (idle.length === 0) return;
    this.#options.log.info({ idle }, 'models were not used for a while; their process is replaced');
    this.#outworn = true;
    this.#replaceIfFree();
  }

  /** Another process takes its place at once, between two jobs. */
  #replaceIfFree(): void {
    if (this.#outworn && !this.busy) this.#kill();
  }

  #kill(): void {
    this.#up = false; // before anybody can give it the next job
    this.#killed = true;
    this.#process?.kill('SIGKILL');
  }

  /**
   * Asks first; a process that computes in one long native call can't hear it, and is killed. One that loads a model can't
   * either, but what it loads is of use to others: only the job ends, and what the process says of it later is dropped.
   */
  #cancel(id: string): void {
    const attempt = this.#attempts.get(id);
    if (!attempt) return;
    this.#send({ type: 'cancel', id });
    const timer = setTimeout(() => {
      if (this.#attempts.get(id) !== attempt) return;
      this.#end(attempt)?.reject(attempt.signal.reason);
      if (!this.#isLoading()) this.#kill();
      this.#options.onChange();
    }, graceMs);
    timer.unref();
  }

  #isLoading(): boolean {
    const loads = [...this.loads.values()].includes('loading');
    return loads && performance.now() - this.#loadingSince < longestLoadMs;
  }

  #end(attempt: Attempt | undefined): Attempt | undefined {
    attempt?.signal.removeEventListener('abort', attempt.cancel);
    if (attempt) this.#attempts.delete(attempt.job.id);
    return attempt;
  }

  #endAll(reason: CodedError): void {
    for (const attempt of [...this.#attempts.values()]) this.#end(attempt)?.reject(reason);
  }

  /** A message to a process that is just ending is lost; its `close` event tells the rest. */
  #send(message: ToChild): void {
    if (this.#process?.connected) this.#process.send(message, () => {});
  }
}
