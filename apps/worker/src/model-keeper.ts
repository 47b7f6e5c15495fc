import type { ModelConfig } from '@slipway/config/models';
import type { DeviceChoice, ModelStatus } from '@slipway/contract/engines';
import { type ChosenDevice, chooseDevice } from '@slipway/inference/device';
import { type ObtainedModel, obtainModel } from '@slipway/inference/store/obtain';
import { sentence } from '@slipway/inference/store/progress';
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
  /** What the build put into the image. */
  imageDir: string | undefined;
  /** Looked in one after the other; a download goes to the first that can be written. */
  cacheDirs: string[];
  endpoint: string;
  token: string | undefined;
  /** No hub is asked. */
  offline: boolean;
  /** Above it, downloaded models that were not used for longest are removed before another is fetched. */
  maxCacheBytes: number;
  /** Folders in the cache that are never removed: those of the configured models. */
  keepFolders: string[];
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
  /** Until then the model's folder is not removed to make room. */
  #release: () => Promise<void> = async () => {};

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

  async stop(): Promise<void> {
    clearTimeout(this.#retry);
    this.#abort.abort();
    await this.#release();
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
      const { dir, source, release } = await this.#obtain();
      this.#release = release;
      const from = { local: 'LOCAL_MODEL_PATH', image: 'the image', cache: 'the cache', hub: endpoint }[source];
      log.info({ model: model.id, dir }, 'model files are complete');
      this.#files = { task: model.task, id: model.id, dir, dtype: model.dtype, device: this.#device.device, threads };
      this.#set({ state: 'ready', reason: `Loaded from ${from}.` });
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

  #obtain(): Promise<ObtainedModel> {
    const { model, localModelPath, imageDir, cacheDirs, endpoint, token, offline, maxCacheBytes, keepFolders, log } =
      this.#options;
    let told = -1;
    return obtainModel({
      model,
      localModelPath,
      imageDir,
      cacheDirs,
      endpoint,
      token,
      offline,
      bound: { maxBytes: maxCacheBytes, keep: keepFolders },
      signal: this.#abort.signal,
      onDamaged: ({ message }) =>
        log.warn({ model: model.id, reason: message }, 'a downloaded model was damaged; fetching it anew'),
      onProgress: (_done, _total, report) => {
        const ratio = report.bytesTotal > 0 ? report.bytesDone / report.bytesTotal : 0;
        const reason = sentence(report);
        this.#set({ state: 'downloading', reason, ratio });
        if (ratio < told + 0.1 && ratio < 1) return;
        told = ratio;
        log.info(
          { model: model.id, revision: model.revision, dtype: model.dtype, endpoint, progress: reason },
          'downloading',
        );
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
