import { access, constants, mkdir } from 'node:fs/promises';
import type { ModelConfig } from '@slipway/config/models';
import type { DeviceChoice, ModelStatus } from '@slipway/contract/engines';
import { type ChosenDevice, chooseDevice } from '@slipway/inference/device';
import { downloadModel } from '@slipway/inference/store/download';
import { locateModel } from '@slipway/inference/store/locate';
import { ModelUnavailableError } from '@slipway/inference/store/unavailable';
import type { Log } from '@slipway/runtime/log';
import type { ModelFiles } from './messages.ts';
import type { Pool } from './pool.ts';

/** When a model could not be had, a minute passes before it is tried again, then two, four…, at most an hour. */
const firstRetryMs = 60_000;
const longestRetryMs = 60 * 60_000;

export interface ModelKeeperOptions {
  model: ModelConfig;
  /**
   * `eager`: brought at the start and loaded into every process. `lazy`: brought when a job first asks for it, and loaded
   * where that job runs. `off`: never.
   */
  mode: 'eager' | 'lazy' | 'off';
  localModelPath: string | undefined;
  /** Looked in one after the other; a download goes to the first that can be written. */
  cacheDirs: string[];
  endpoint: string;
  token: string | undefined;
  device: DeviceChoice;
  threads: number;
  pool: Pool;
  log: Log;
  onChange: () => void;
}

type FilesStatus = Pick<ModelStatus, 'state' | 'reason' | 'ratio'>;

/** Brings one model's files, has the pool load them, and knows at any time how far that is. */
export class ModelKeeper {
  #options: ModelKeeperOptions;
  #status: FilesStatus;
  #files: ModelFiles | undefined;
  #bringing = false;
  #device: ChosenDevice;
  #abort = new AbortController();
  #retry: NodeJS.Timeout | undefined;
  #failures = 0;

  constructor(options: ModelKeeperOptions) {
    this.#options = options;
    this.#status = {
      eager: { state: 'pending', reason: 'Looking for the model.' } as const,
      lazy: { state: 'pending', reason: 'Brought when a job first asks for it.' } as const,
      off: { state: 'disabled', reason: 'This instance runs with ENGINE=extractive.' } as const,
    }[options.mode];
    try {
      this.#device = chooseDevice(options.device);
    } catch (error) {
      const reason = (error as Error).message;
      this.#device = { device: 'cuda', reason };
      this.#status = { state: 'unavailable', reason };
    }
    if (options.mode === 'eager') this.need();
  }

  /** The model's files, once they are complete on the disk. */
  get files(): ModelFiles | undefined {
    return this.#files;
  }

  /** Somebody wants the model: it is brought now if it is not there or on its way. */
  need(): void {
    if (this.#status.state === 'pending' && !this.#bringing) void this.#bring();
  }

  stop(): void {
    clearTimeout(this.#retry);
    this.#abort.abort();
  }

  status(): ModelStatus {
    const { id, revision, dtype } = this.#options.model;
    const { device, reason: deviceReason } = this.#device;
    return { id, revision, dtype, device, deviceReason, ...(this.#files ? this.#loadStatus() : this.#status) };
  }

  async #bring(): Promise<void> {
    const { model, mode, endpoint, threads, pool, log } = this.#options;
    this.#bringing = true;
    try {
      const found = await this.#locate();
      const dir = found?.dir ?? (await this.#download());
      const from = found?.source === 'local' ? 'LOCAL_MODEL_PATH' : 'the cache';
      log.info({ model: model.id, dir }, 'model files are complete');
      this.#files = { task: model.task, id: model.id, dir, dtype: model.dtype, device: this.#device.device, threads };
      this.#set({ state: 'ready', reason: `Loaded from ${found ? from : endpoint}.` });
      if (mode === 'eager') pool.load(this.#files);
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      const expected = error instanceof ModelUnavailableError;
      const reason = error instanceof Error ? error.message : String(error);
      const retryMs = Math.min(firstRetryMs * 2 ** this.#failures, longestRetryMs);
      this.#failures += 1;
      log.warn({ model: model.id, reason, ...(!expected && { err: error }), retryMs }, 'the model cannot be had');
      this.#set({ state: 'unavailable', reason });
      this.#retry = setTimeout(() => this.#tryAgain(), retryMs);
    } finally {
      this.#bringing = false;
    }
  }

  /** A hub that was away may be back. A lazy model waits for the next job that wants it. */
  #tryAgain(): void {
    this.#set({ ...this.#status, state: 'pending' });
    if (this.#options.mode === 'eager') this.need();
  }

  async #locate() {
    const { model, localModelPath, cacheDirs } = this.#options;
    for (const cacheDir of cacheDirs) {
      const found = await locateModel({ model, localModelPath, cacheDir });
      if (found) return found;
    }
    return undefined;
  }

  async #download(): Promise<string> {
    const { model, cacheDirs, endpoint, token, log } = this.#options;
    const cacheDir = await firstWritable(cacheDirs);
    log.info({ model: model.id, revision: model.revision, dtype: model.dtype, endpoint }, 'downloading the model');
    this.#set({ state: 'downloading', reason: `Asking ${endpoint}.`, ratio: 0 });
    let told = 0;
    return downloadModel({
      model,
      cacheDir,
      endpoint,
      token,
      signal: this.#abort.signal,
      onProgress: (done, total) => {
        const ratio = total > 0 ? done / total : 0;
        const share = `${(ratio * 100).toFixed(0)} % of ${(total / 1e6).toFixed(0)} MB`;
        this.#set({ state: 'downloading', reason: `Downloading, ${share}.`, ratio });
        if (ratio < told + 0.1 && ratio < 1) return;
        told = ratio;
        log.info({ model: model.id, share }, 'downloading the model');
      },
    });
  }

  #set(status: FilesStatus): void {
    this.#status = status;
    this.#options.onChange();
  }

  /** A lazy model whose files are there counts as ready: the process that takes the job loads it. */
  #loadStatus(): FilesStatus {
    const { mode, model, pool } = this.#options;
    const states = pool.processes.map((process) => process.loads.get(model.task));
    if (mode === 'lazy' || states.includes('loaded')) return this.#status;
    const failure = pool.processes.map((process) => process.loadFailures.get(model.task)).find(Boolean);
    if (states.includes('failed')) return { state: 'unavailable', reason: `It cannot be loaded: ${failure}` };
    if (pool.processes.some((process) => process.givenUp(model.task)))
      return { state: 'unavailable', reason: 'Loading it ends its process each time. Is there enough memory for it?' };
    return { state: 'loading', reason: 'Loading the model into memory.' };
  }
}

/** The first folder that can be made and written, else the first: its error is the one to tell. */
async function firstWritable(folders: string[]): Promise<string> {
  for (const folder of folders) {
    const writable = mkdir(folder, { recursive: true }).then(() => access(folder, constants.W_OK));
    if (
      await writable.then(
        () => true,
        () => false,
      )
    )
      return folder;
  }
  return folders[0] ?? '';
}
