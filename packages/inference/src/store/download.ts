import { rename, statfs } from 'node:fs/promises';
import path from 'node:path';
import { boundCache } from './bound.ts';
import { describeFiles } from './describe.ts';
import { type FetchContext, fetchFile, isOfDisk } from './fetch-file.ts';
import type { Hub } from './hub.ts';
import { acquireLock, type Lock } from './lock.ts';
import { findFault, isComplete, type Manifest, writeManifest } from './manifest.ts';
import { cacheFolder, checkModel, filesOf, type ModelRef } from './model.ts';
import { dropState, measureParts, openPartFolder, type PartFolder } from './part-folder.ts';
import { type Patience, usualPatience } from './patience.ts';
import { DownloadProgress, type OnProgress } from './progress.ts';
import { endRemovals, removeFolder } from './remove.ts';
import { ModelUnavailableError, offline, WrongContentError } from './unavailable.ts';

export interface DownloadOptions {
  model: ModelRef;
  cacheDir: string;
  /** The hub's address, without a slash at its end. */
  endpoint: string;
  /** Sent to the endpoint only, never to where it redirects. */
  token: string | undefined;
  signal: AbortSignal;
  /** Called for every piece that arrives, and every half second while another process downloads. */
  onProgress: OnProgress;
  /** No request is made. */
  offline?: boolean;
  /** Before anything is fetched, models that were not used for longest make room: see `boundCache`. */
  bound?: { maxBytes: number; keep: string[] } | undefined;
  patience?: Patience;
}

/**
 * Fetches a model into the cache and resolves to its folder. It appears there complete or not at all: files go into a
 * folder beside it, their sizes and hashes are compared with what the hub announced, then the folder is renamed. What
 * came before the end of the process or of the connection is kept, and the next call goes on from there. Of several
 * processes one downloads; the others wait and take its folder. One that is there with damaged files is replaced.
 * Rejects with a ModelUnavailableError, or with the signal's reason.
 * See https://huggingface.co/docs/hub/models-downloading for the addresses.
 */
export async function downloadModel(options: DownloadOptions): Promise<string> {
  const { model, cacheDir, signal } = options;
  checkModel(model);
  const target = cacheFolder(cacheDir, model);
  signal.throwIfAborted();
  if (options.offline) throw offline(model);
  const progress = new DownloadProgress(options.onProgress);
  try {
    while (!(await downloadUnderLock(options, target, progress)));
    return target;
  } catch (error) {
    throw signal.aborted ? signal.reason : explained(error, model, cacheDir);
  }
}

/** False: the lock was lost on the way, and another process is at it now. */
async function downloadUnderLock(options: DownloadOptions, target: string, progress: DownloadProgress) {
  const { model, signal, patience = usualPatience } = options;
  const lockFile = path.join(path.dirname(target), `.lock-${path.basename(target)}`);
  const onWait = async () => {
    const { bytesDone, bytesTotal } = await measureParts(target);
    progress.follow(bytesDone, bytesTotal);
  };
  const lock = await acquireLock(lockFile, { patience, signal, onWait });
  try {
    if (await findFault(target, filesOf(model).required, signal)) await replace(options, target, progress, lock);
    return true;
  } catch (error) {
    if (lock.lost.aborted && !signal.aborted) return false;
    throw error;
  } finally {
    await lock.release();
  }
}

async function replace(options: DownloadOptions, target: string, progress: DownloadProgress, lock: Lock) {
  const { model, endpoint, token, patience = usualPatience } = options;
  const signal = AbortSignal.any([options.signal, lock.lost]);
  const hub: Hub = { endpoint, token, patience, onPause: () => progress.pause() };
  const files = await describeFiles(hub, model, signal);
  const commit = files[0]?.commit ?? null;
  const bytesTotal = files.reduce((total, { size }) => total + (size ?? 0), 0);

  await endRemovals(path.dirname(target));
  await removeFolder(target);
  const part = await openPartFolder(target, lock.owner, { commit, bytesTotal });
  try {
    await makeRoom(options, target, bytesTotal);
    progress.begin(bytesTotal);
    const context: FetchContext = { hub, model, revision: commit ?? model.revision, part, progress, signal };
    const { id, revision, dtype } = model;
    const manifest: Manifest = { id, revision, dtype, commit, files: {} };
    for (const file of files) manifest.files[file.path] = await fetchFile(context, file);
    await writeManifest(part.dir, manifest);
    await dropState(part);
    await lock.check();
    signal.throwIfAborted();
    await moveIntoPlace(part, target, model);
  } catch (error) {
    await lock.check();
    const { bytesDone } = await measureParts(target);
    // of no use to the next one: nothing, or wrong, or spoilt by whoever took over, or what fills the disk
    const useless = bytesDone === 0 || error instanceof WrongContentError || isOfDisk(error) || lock.lost.aborted;
    if (useless) await removeFolder(part.dir);
    throw error;
  }
}

/** Throws where the model would fill the disk, or more of it than the operator allows. */
async function makeRoom({ model, cacheDir, bound }: DownloadOptions, target: string, bytesTotal: number) {
  const missing = bytesTotal - (await measureParts(target)).bytesDone;
  if (bound) {
    const { bytes } = await boundCache(cacheDir, bound.maxBytes - missing, [...bound.keep, target]);
    if (bytes + missing > bound.maxBytes) {
      const what = `${megabytes(bytesTotal)} do not fit into a cache of ${megabytes(bound.maxBytes)}`;
      throw new ModelUnavailableError(model, what, 'raise MODEL_CACHE_MAX_BYTES, or choose a smaller model');
    }
  }
  const { bavail, bsize, blocks } = await statfs(cacheDir);
  // some network file systems tell nothing
  if (blocks === 0 || bavail * bsize >= missing) return;
  const what = `${megabytes(missing)} are to come and ${cacheDir} has room for ${megabytes(bavail * bsize)}`;
  throw new ModelUnavailableError(model, what, roomAdvice);
}

const roomAdvice = 'set HF_HOME to a folder with room that this user may write';
const megabytes = (bytes: number) => `${Math.ceil(bytes / 1e6)} MB`;

/** Renames the folder. A complete one that is there already wins; anything else there is in nobody's use. */
async function moveIntoPlace(part: PartFolder, target: string, model: ModelRef): Promise<void> {
  try {
    await rename(part.dir, target);
  } catch (error) {
    if (!isOccupied(error)) throw error;
    if (await isComplete(target, filesOf(model).required)) return removeFolder(part.dir);
    await removeFolder(target);
    await rename(part.dir, target);
  }
}

function isOccupied(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'ENOTDIR';
}

function explained(error: unknown, model: ModelRef, cacheDir: string): unknown {
  if (!isOfDisk(error)) return error;
  const what = `${cacheDir} can't be written (${error.code})`;
  return new ModelUnavailableError(model, what, roomAdvice, { cause: error });
}
