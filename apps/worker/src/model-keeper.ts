import { access, constants, mkdir } from 'node:fs/promises';
import type { ModelConfig } from '@slipway/config/load';
import type { ModelStatus } from '@slipway/contract/engines';
import { downloadModel } from '@slipway/inference/store/download';
import { locateModel } from '@slipway/inference/store/locate';
import { ModelUnavailableError } from '@slipway/inference/store/unavailable';
import type { Log } from '@slipway/runtime/log';
import type { InferenceProcess } from './inference-process.ts';
import type { Pool } from './pool.ts';

/** A hub that was away may be back: when the model could not be had, it is tried again after this long. */
const retryMs = 60_000;

/** A model whose loading ends the process this often in a row (for want of memory, mostly) is given up. */
const maxFallsWhileLoading = 3;

export interface ModelKeeperOptions {
  model: ModelConfig;
  enabled: boolean;
  localModelPath: string | undefined;
  /** Looked in one after the other; a download goes to the first that can be written. */
  cacheDirs: string[];
  endpoint: string;
  token: string | undefined;
  threads: number;
  pool: Pool;
  log: Log;
  onChange: () => void;
}

/** Brings the model's files, has the pool load them, and knows at any time how far that is. */
export class ModelKeeper {
  #options: ModelKeeperOptions;
  #files: Pick<ModelStatus, 'state' | 'reason' | 'ratio'>;
  #abort = new AbortController();
  #retry: NodeJS.Timeout | undefined;

  constructor(options: ModelKeeperOptions) {
    this.#options = options;
    this.#files = options.enabled
      ? { state: 'pending', reason: 'Looking for the model.' }
      : { state: 'disabled', reason: 'This instance runs with ENGINE=extractive.' };
  }

  start(): void {
    if (this.#options.enabled) void this.#bring();
  }

  stop(): void {
    clearTimeout(this.#retry);
    this.#abort.abort();
  }

  status(): ModelStatus {
    const { id, revision, dtype } = this.#options.model;
    return { id, revision, dtype, ...(this.#files.state === 'loading' ? this.#loadStatus() : this.#files) };
  }

  async #bring(): Promise<void> {
    const { model, endpoint, threads, pool, log } = this.#options;
    try {
      const found = await this.#locate();
      const dir = found?.dir ?? (await this.#download());
      const from = found?.source === 'local' ? 'LOCAL_MODEL_PATH' : 'the cache';
      this.#set({ state: 'loading', reason: `Loaded from ${found ? from : endpoint}.` });
      log.info({ model: model.id, dir }, 'model files are complete');
      pool.load({ id: model.id, dir, dtype: model.dtype, threads });
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      const expected = error instanceof ModelUnavailableError;
      const reason = error instanceof Error ? error.message : String(error);
      log.warn({ model: model.id, reason, ...(!expected && { err: error }), retryMs }, 'the model cannot be had');
      this.#set({ state: 'unavailable', reason });
      this.#retry = setTimeout(() => void this.#bring(), retryMs);
    }
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

  #set(files: Pick<ModelStatus, 'state' | 'reason' | 'ratio'>): void {
    this.#files = files;
    this.#options.onChange();
  }

  #loadStatus(): Pick<ModelStatus, 'state' | 'reason'> {
    const { processes } = this.#options.pool;
    if (processes.some((process) => process.loadState === 'loaded'))
      return { state: 'ready', reason: this.#files.reason };
    const failed = processes.find((process) => process.loadState === 'failed');
    if (failed) return { state: 'unavailable', reason: `It cannot be loaded: ${failed.loadFailure}` };
    if (processes.some(fallsTooOften))
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

const fallsTooOften = (process: InferenceProcess) => process.fallsWhileLoading >= maxFallsWhileLoading;
