import type { Progress } from '@slipway/contract/jobs';
import type { TaskName } from '@slipway/contract/tasks';
import type { Log } from '@slipway/runtime/log';
import type { Handled } from './handlers/handler.ts';
import { InferenceProcess } from './inference-process.ts';
import type { ChildJob, ModelFiles } from './messages.ts';

export interface PoolOptions {
  entry: string;
  /** How many inference processes. */
  size: number;
  log: Log;
  onChange: () => void;
}

/** The worker's inference processes. Each computes one job at a time. */
export class Pool {
  readonly processes: InferenceProcess[];
  #waiting: (() => void)[] = [];
  #onChange: () => void;

  constructor({ entry, size, log, onChange }: PoolOptions) {
    this.#onChange = onChange;
    const options = { entry, log, onChange: () => this.#changed() };
    this.processes = Array.from({ length: size }, () => new InferenceProcess(options));
  }

  /** Runs a job on the first free process, waiting for one where all are busy or starting. */
  async run(job: ChildJob, report: (progress: Progress) => void, signal: AbortSignal): Promise<Handled<TaskName>> {
    let free = this.#free();
    while (!free) {
      await this.#nextChange(signal);
      free = this.#free();
    }
    return free.run(job, report, signal);
  }

  load(model: ModelFiles): void {
    for (const process of this.processes) process.load(model);
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

  /** A process that has its model goes before one that still loads it. */
  #free(): InferenceProcess | undefined {
    const free = this.processes.filter((process) => process.alive && !process.busy);
    return free.find((process) => process.loadState === 'loaded') ?? free[0];
  }

  #nextChange(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const onAbort = () => reject(signal.reason);
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
