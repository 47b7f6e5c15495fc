import { readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

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

const fileName = 'manifest.json';

export async function writeManifest(dir: string, manifest: Manifest): Promise<void> {
  await writeFile(path.join(dir, fileName), `${JSON.stringify(manifest, null, 2)}\n`, { flush: true });
}

/**
 * Whether the folder holds all of `required`, and every file of its manifest in the size written there. The hashes were
 * checked when the files came in; to read hundreds of megabytes at every start would cost seconds.
 */
export async function isComplete(dir: string, required: string[]): Promise<boolean> {
  const files = await readManifest(dir);
  if (files === undefined || !required.every((file) => Object.hasOwn(files, file))) return false;
  for (const [file, { size }] of Object.entries(files)) {
    const found = await stat(path.join(dir, file)).catch(() => undefined);
    if (!found?.isFile() || found.size !== size) return false;
  }
  return true;
}

/** Undefined where there is none, or none that can be read. */
async function readManifest(dir: string): Promise<Manifest['files'] | undefined> {
  try {
    const { files } = JSON.parse(await readFile(path.join(dir, fileName), 'utf8')) as Manifest;
    const sound = Object.values(files).every(
      ({ size, sha256 }) => Number.isInteger(size) && typeof sha256 === 'string',
    );
    return sound ? files : undefined;
  } catch {
    return undefined;
  }
}
