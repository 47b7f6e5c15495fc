import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { seq2seqFiles } from './files.ts';
import { describeFile, type Hub, networkFailure, openFile, type RemoteFile } from './hub.ts';
import { isComplete, type Manifest, writeManifest } from './manifest.ts';
import { cacheFolder, checkModel, type ModelRef } from './model.ts';
import { dropPartFolder, makePartFolder, removeAbandoned } from './part-folder.ts';
import { adviceFor, ModelUnavailableError } from './unavailable.ts';

export interface DownloadOptions {
  model: ModelRef;
  cacheDir: string;
  /** The hub's address, without a slash at its end. */
  endpoint: string;
  /** Sent to the endpoint only, never to where it redirects. */
  token: string | undefined;
  signal: AbortSignal;
  /** Called for every piece that arrives. The total counts files whose size the hub told. */
  onProgress: (bytesDone: number, bytesTotal: number) => void;
}

/**
 * Fetches a model into the cache and resolves to its folder. It appears there complete or not at all: files go into a
 * folder beside it, their sizes and hashes are compared with what the hub announced, then the folder is renamed. Where
 * another process was faster, its folder is used. Rejects with a ModelUnavailableError, or with the signal's reason.
 * See https://huggingface.co/docs/hub/models-downloading for the addresses.
 */
export async function downloadModel(options: DownloadOptions): Promise<string> {
  const { model, cacheDir, signal } = options;
  checkModel(model);
  const target = cacheFolder(cacheDir, model);
  signal.throwIfAborted();
  try {
    await removeAbandoned(target);
    const part = await makePartFolder(target);
    try {
      await fill(part, options);
      await moveIntoPlace(part, target, model);
    } finally {
      await dropPartFolder(part);
    }
    return target;
  } catch (error) {
    throw signal.aborted ? signal.reason : explained(error, model, cacheDir);
  }
}

async function fill(dir: string, { model, endpoint, token, signal, onProgress }: DownloadOptions): Promise<void> {
  const hub: Hub = { endpoint, token };
  const files = await describeAll(hub, model, signal);
  const commit = files[0]?.commit;
  const bytesTotal = files.reduce((total, { size }) => total + (size ?? 0), 0);
  const manifest: Manifest = { ...model, commit: commit ?? null, files: {} };
  let bytesDone = 0;
  onProgress(0, bytesTotal);
  for (const file of files) {
    const body = await openFile(hub, model, file.path, commit ?? model.revision, signal);
    const onBytes = (count: number) => {
      bytesDone += count;
      onProgress(bytesDone, bytesTotal);
    };
    const found = await store(body, path.join(dir, file.path), onBytes, signal).catch((error: unknown) => {
      throw isOfDisk(error) ? error : networkFailure(hub, model, error);
    });
    compare(model, file, found);
    manifest.files[file.path] = found;
  }
  await writeManifest(dir, manifest);
}

/** Asks for every file. All are taken from the commit that the first was found in, should the branch move meanwhile. */
async function describeAll(hub: Hub, model: ModelRef, signal: AbortSignal): Promise<RemoteFile[]> {
  const { required, optional } = seq2seqFiles(model.dtype);
  const files: RemoteFile[] = [];
  for (const file of [...required, ...optional]) {
    const found = await describeFile(hub, model, file, files[0]?.commit ?? model.revision, signal);
    if (found !== undefined) files.push(found);
    else if (required.includes(file))
      throw new ModelUnavailableError(
        model,
        `the hub has no ${file} of ${model.id} at ${model.revision}`,
        adviceFor(404),
      );
  }
  return files;
}

/** Writes a stream to the disk and hashes it on the way. It is on the disk, not in a cache, when this resolves. */
async function store(
  body: ReadableStream<Uint8Array>,
  file: string,
  onBytes: (count: number) => void,
  signal: AbortSignal,
): Promise<{ size: number; sha256: string }> {
  await mkdir(path.dirname(file), { recursive: true });
  const hash = createHash('sha256');
  let size = 0;
  async function* measured(chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) {
      hash.update(chunk);
      size += chunk.length;
      onBytes(chunk.length);
      yield chunk;
    }
  }
  await pipeline(body, measured, createWriteStream(file, { flush: true }), { signal });
  return { size, sha256: hash.digest('hex') };
}

function compare(model: ModelRef, announced: RemoteFile, found: { size: number; sha256: string }): void {
  const wrongSize = announced.size !== undefined && announced.size !== found.size;
  const wrongHash = announced.sha256 !== undefined && announced.sha256 !== found.sha256;
  if (!wrongSize && !wrongHash) return;
  const what = wrongSize
    ? `${announced.path} has ${found.size} bytes instead of ${announced.size}`
    : `${announced.path} does not have the SHA-256 that the hub announced`;
  throw new ModelUnavailableError(model, what, 'try again, or check what HF_ENDPOINT points to');
}

/** Renames the folder. A complete one that is there already wins; anything else there is in nobody's use. */
async function moveIntoPlace(part: string, target: string, model: ModelRef): Promise<void> {
  const { required } = seq2seqFiles(model.dtype);
  try {
    await rename(part, target);
  } catch (error) {
    if (!isOccupied(error)) throw error;
    if (await isComplete(target, required)) return;
    await rm(target, { recursive: true, force: true });
    await rename(part, target);
  }
}

function isOccupied(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'ENOTDIR';
}

/** Errors of fetch carry the system call, if any, in their cause. */
function isOfDisk(error: unknown): error is NodeJS.ErrnoException {
  return typeof (error as NodeJS.ErrnoException).syscall === 'string';
}

function explained(error: unknown, model: ModelRef, cacheDir: string): unknown {
  if (!isOfDisk(error)) return error;
  const what = `${cacheDir} can't be written (${error.code})`;
  return new ModelUnavailableError(model, what, 'set HF_HOME to a folder with room that this user may write', {
    cause: error,
  });
}
