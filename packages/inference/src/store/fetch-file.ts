import { createHash, type Hash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { hashFile } from './hash.ts';
import { type Hub, networkFailure, type OpenedFile, openFile, type RemoteFile } from './hub.ts';
import type { ModelRef } from './model.ts';
import { type PartFolder, saveState } from './part-folder.ts';
import type { DownloadProgress } from './progress.ts';
import { HubUnreachableError, ModelUnavailableError, WrongContentError } from './unavailable.ts';

/** What a download of one model needs at each of its files. */
export interface FetchContext {
  hub: Hub;
  model: ModelRef;
  /** The commit, where it is known. */
  revision: string;
  part: PartFolder;
  progress: DownloadProgress;
  signal: AbortSignal;
}

interface Content {
  size: number;
  sha256: string;
  /** Some of it was on the disk before this try. */
  resumed: boolean;
}

/**
 * Brings one file into the part folder: goes on where the disk has the beginning of it, tries again where the connection
 * breaks, and compares the whole with what the hub announced. Resolves when it is on the disk, not in a cache. Rejects
 * with a WrongContentError, another ModelUnavailableError, an error of the disk, or the signal's reason.
 */
export async function fetchFile(context: FetchContext, file: RemoteFile): Promise<{ size: number; sha256: string }> {
  const { hub, model, part, signal } = context;
  for (let tries = 1; ; tries += 1) {
    const pause = hub.patience.pausesMs[tries - 1];
    try {
      const { size, sha256, resumed } = await continueFile(context, file);
      const fault = faultOf(file, { size, sha256 });
      if (fault === undefined) {
        part.state.files[file.path] = { etag: part.state.files[file.path]?.etag ?? null, sha256 };
        await saveState(part);
        return { size, sha256 };
      }
      // a stream may end too early without an error; and what was on the disk may be what is wrong: the next try sees
      const another = size < (file.size ?? 0) || resumed;
      if (pause === undefined || !another) throw wrongContent(model, file, fault);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      const failure =
        error instanceof ModelUnavailableError || isOfDisk(error) ? error : networkFailure(hub, model, error);
      if (pause === undefined || !(failure instanceof HubUnreachableError)) throw failure;
    }
    await hub.patience.sleep(pause, signal);
  }
}

/** Errors of fetch carry the system call, if any, in their cause. */
export function isOfDisk(error: unknown): error is NodeJS.ErrnoException {
  return typeof (error as NodeJS.ErrnoException).syscall === 'string';
}

async function continueFile(context: FetchContext, file: RemoteFile): Promise<Content> {
  const { hub, model, part, revision, progress, signal } = context;
  const onDisk = path.join(part.dir, file.path);
  const begun = await readBegun(onDisk, signal);
  const noted = part.state.files[file.path];
  if (begun.size > 0) {
    progress.stand(file.path, begun.size);
    const sha256 = begun.hash.copy().digest('hex');
    // what was whole is not asked for again, unless the revision may stand for another commit by now
    const whole = file.sha256 ?? (part.state.commit === null ? undefined : noted?.sha256);
    if (sha256 === whole) return { size: begun.size, sha256, resumed: true };
  }
  const etag = noted?.etag ?? null;
  const canGoOn = begun.size < (file.size ?? Number.POSITIVE_INFINITY) && (etag !== null || file.sha256 !== undefined);
  const opened = await openFile(hub, model, file.path, { revision, from: canGoOn ? begun.size : 0, etag }, signal);
  part.state.files[file.path] = { etag: opened.etag ?? (opened.from > 0 ? etag : null) };
  try {
    await saveState(part);
    await mkdir(path.dirname(onDisk), { recursive: true });
  } catch (error) {
    await opened.reader.cancel();
    throw error;
  }
  progress.stand(file.path, opened.from);
  const hash = opened.from > 0 ? begun.hash : createHash('sha256');
  const size = opened.from + (await append(opened.reader, onDisk, hash, opened.from, context, file.path));
  return { size, sha256: hash.digest('hex'), resumed: opened.from > 0 };
}

async function readBegun(file: string, signal: AbortSignal): Promise<{ hash: Hash; size: number }> {
  try {
    return await hashFile(file, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return { hash: createHash('sha256'), size: 0 };
  }
}

/** Writes to the disk and hashes on the way. Resolves to how many bytes came. */
async function append(
  reader: OpenedFile['reader'],
  onDisk: string,
  hash: Hash,
  from: number,
  { progress, signal }: FetchContext,
  file: string,
): Promise<number> {
  let bytes = 0;
  async function* pieces() {
    try {
      for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
        hash.update(piece.value);
        bytes += piece.value.length;
        progress.arrive(file, piece.value.length);
        yield piece.value;
      }
    } finally {
      await reader.cancel().catch(() => {});
    }
  }
  const flags = from > 0 ? 'a' : 'w';
  await pipeline(pieces, createWriteStream(onDisk, { flags, flush: true }), { signal });
  return bytes;
}

function faultOf(announced: RemoteFile, { size, sha256 }: { size: number; sha256: string }): string | undefined {
  if (announced.size !== undefined && announced.size !== size) {
    return `has ${size} bytes instead of ${announced.size}`;
  }
  if (announced.sha256 !== undefined && announced.sha256 !== sha256) {
    return 'does not have the SHA-256 that the hub announced';
  }
  return undefined;
}

function wrongContent(model: ModelRef, { path: file }: RemoteFile, fault: string): WrongContentError {
  return new WrongContentError(model, file, fault, 'try again, or check what HF_ENDPOINT points to');
}
