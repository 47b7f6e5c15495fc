import type { TaskDefinition } from '@slipway/contract/task';
import { type TaskName, tasks } from '@slipway/contract/tasks';
import type { Log } from '@slipway/runtime/log';
import type { Handled } from './handlers/handler.ts';
import { InferenceProcess, type Listener, mostShared } from './inference-process.ts';
import type { ChildJob, ModelFiles } from './messages.ts';

export interface PoolOptions {
  entry: string;
  /** How many inference processes. */
  size: number;
  maxRssBytes: number;
  loadAgainMs?: number;
  log: Log;
  onChange: () => void;
}

/** The worker's inference processes. Each computes one job at a time, or some of a task that batches. */
export class Pool {
  readonly processes: InferenceProcess[];
  #waiting: (() => void)[] = [];
  #jobs = new Set<ChildJob>();
  /** Tasks that had no place when they were last asked about. */
  #refused = new Set<TaskName>();
  /** How many of a task's jobs were taken to share since it last had none. */
  #inARow = new Map<TaskName, number>();
  #onChange: () => void;

  constructor({ entry, size, maxRssBytes, loadAgainMs, log, onChange }: PoolOptions) {
    this.#onChange = onChange;
    const options = { entry, maxRssBytes, loadAgainMs, log, onChange: () => this.#changed() };
    this.processes = Array.from({ length: size }, () => new InferenceProcess(options));
  }

  /** Runs a job on a free process, waiting for one where all are busy or starting. */
  async run(job: ChildJob, listener: Listener, signal: AbortSignal): Promise<Handled<TaskName>> {
    this.#jobs.add(job);
    if (job.shares) this.#inARow.set(job.task, (this.#inARow.get(job.task) ?? 0) + 1);
    try {
      let free = this.#free(job);
      while (!free) {
        await this.#nextChange(signal);
        free = this.#free(job);
      }
      return await free.run(job, listener, signal);
    } finally {
      this.#jobs.delete(job);
    }
  }

  /**
   * Whether one more job of the task is to be taken, beside those that run. Jobs of a task that batches share a place, but
   * hold it no longer than one filling of it while another task finds none: then they let it become free.
   */
  accepts(task: TaskName, running: ReadonlyMap<TaskName, number>): boolean {
    const count = running.get(task) ?? 0;
    if (count === 0) this.#inARow.delete(task);
    const counts = new Map(running).set(task, count + 1);
    const places = [...counts].reduce((sum, [name, jobs]) => sum + this.#placesOf(name, jobs), 0);
    const hasPlace = places <= this.counts().alive;
    if (hasPlace) this.#refused.delete(task);
    else this.#refused.add(task);
    return hasPlace && !this.#makesWay(task, count);
  }

  #makesWay(task: TaskName, count: number): boolean {
    const filling = mostShared * this.#placesOf(task, count);
    return count > 0 && this.#refused.size > 0 && (this.#inARow.get(task) ?? 0) >= filling;
  }

  /** How many processes so many jobs of a task take. */
  #placesOf(task: TaskName, jobs: number): number {
    const { batches }: TaskDefinition = tasks[task];
    if (!batches) return jobs;
    const alone = [...this.#jobs].filter((job) => job.task === task && !job.shares).length;
    return alone + Math.ceil((jobs - alone) / mostShared);
  }

  /** Has every process load the model, now and after a restart. */
  load(model: ModelFiles): void {
    for (const process of this.processes) process.load(model);
  }

  /** Lets go of models that no job has asked for in `idleMs`, but for those that every process keeps. */
  dropIdle(idleMs: number): void {
    for (const process of this.processes) process.dropIdle(idleMs);
  }

  counts() {
    return {
      total: this.processes.length,
      alive: this.processes.filter((process) => process.alive).length,
      busy: this.processes.filter((process) => process.busy).length,
    };
  }

  stop(): void {
    for (const process of this.processes) process.stop();
  }

  /**
   * A free process for the job: one that holds its model, else the one that holds fewest, so that models spread over
   * the processes by demand. Without a model, the one that keeps the others' models free. Where none is free, one that
   * computes what the job can share, unless others wait.
   */
  #free(job: ChildJob): InferenceProcess | undefined {
    return this.#idle(job) ?? this.#shared(job);
  }

  #shared(job: ChildJob): InferenceProcess | undefined {
    return this.#waiting.length > 0
      ? undefined
      : this.processes.find((process) => process.alive && process.canShare(job));
  }

  #idle({ task, model }: ChildJob): InferenceProcess | undefined {
    const free = this.processes.filter((process) => process.alive && !process.busy);
    const fewest = free.toSorted((a, b) => a.loads.size - b.loads.size);
    if (!model) return fewest[0];
    const state = (process: InferenceProcess) => process.loads.get(task);
    const able =
      free.find((process) => state(process) === 'loaded') ?? fewest.find((process) => state(process) !== 'failed');
    if (able) return able;
    // every free one has failed to load it: better wait for one that has it than try again here
    return this.processes.some((process) => state(process) === 'loaded') ? undefined : fewest[0];
  }

  #nextChange(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        reject(signal.reason);
        this.#changed(); // it may be what kept others from sharing
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.push(() => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      });
    });
  }

  #changed(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
    this.#onChange();
  }
}
