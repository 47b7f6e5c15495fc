import { readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { hashFile } from './hash.ts';

/** What a downloaded folder holds. It is written last: a folder without it is not complete. */
export interface Manifest {
  id: string;
  revision: string;
  /** The commit that the revision stood for, where the hub said. */
  commit: string | null;
  dtype: string;
  /** By path in the folder: size in bytes, and SHA-256 in hex. */
  files: Record<string, { size: number; sha256: string }>;
}

/** What is wrong with a folder: which file, and what it has or is, to be read after the file's name. */
export interface Fault {
  file: string;
  what: string;
}

export const manifestName = 'manifest.json';

export async function writeManifest(dir: string, manifest: Manifest): Promise<void> {
  await writeFile(path.join(dir, manifestName), `${JSON.stringify(manifest, null, 2)}\n`, { flush: true });
}

/**
 * Whether the folder holds all of `required`, and every file of its manifest in the size written there. Quick: whether
 * the content is right as well, `findFault` says.
 */
export async function isComplete(dir: string, required: string[]): Promise<boolean> {
  return (await findSizeFault(dir, required)) === undefined;
}

/**
 * The first file that is not what the manifest says, by its size, then by its SHA-256. Reads everything: a second for
 * 0.5 to 2 GB. Rejects with the signal's reason.
 */
export async function findFault(dir: string, required: string[], signal: AbortSignal): Promise<Fault | undefined> {
  const fault = await findSizeFault(dir, required);
  if (fault !== undefined) return fault;
  for (const [file, { sha256 }] of Object.entries((await readManifest(dir)) ?? {})) {
    try {
      const { hash } = await hashFile(path.join(dir, file), signal);
      if (hash.digest('hex') !== sha256) return { file, what: 'does not have the SHA-256 that it was downloaded with' };
    } catch (error) {
      signal.throwIfAborted();
      return { file, what: `can't be read (${(error as NodeJS.ErrnoException).code})` };
    }
  }
  return undefined;
}

async function findSizeFault(dir: string, required: string[]): Promise<Fault | undefined> {
  const files = await readManifest(dir);
  if (files === undefined) return { file: manifestName, what: 'is missing or damaged' };
  const unlisted = required.find((file) => !Object.hasOwn(files, file));
  if (unlisted !== undefined) return { file: unlisted, what: 'was not downloaded' };
  for (const [file, { size }] of Object.entries(files)) {
    const found = await stat(path.join(dir, file)).catch(() => undefined);
    if (!found?.isFile()) return { file, what: 'is missing' };
    if (found.size !== size) return { file, what: `has ${found.size} bytes instead of ${size}` };
  }
  return undefined;
}

/** Undefined where there is none, or none that can be read. */
async function readManifest(dir: string): Promise<Manifest['files'] | undefined> {
  try {
    const { files } = JSON.parse(await readFile(path.join(dir, manifestName), 'utf8')) as Manifest;
    const sound = Object.values(files).every(
      ({ size, sha256 }) => Number.isInteger(size) && typeof sha256 === 'string',
    );
    return sound ? files : undefined;
  } catch {
    return undefined;
  }
}
