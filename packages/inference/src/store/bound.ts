import { rename, rm, rmdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { isHeld } from './lock.ts';
import { endRemovals, moveAside, namesIn } from './remove.ts';
import { isUsed, lastUsedMs } from './usage.ts';

interface Entry {
  dir: string;
  bytes: number;
  /** Milliseconds since 1970. */
  usedMs: number;
}

/** Of models: `<org>/<name>/<revision>/<dtype>`. */
const depth = 4;
const partPattern = /^\.part-([^-]+)-/;

/**
 * Removes whole models from a cache, those first that were not used for longest, until it holds at most `maxBytes`; also
 * downloads that were broken off. Never removes one that a living process uses or fills, nor a folder in `keep`, so that
 * more may remain. Resolves to how many bytes remain, and to the folders that were removed.
 */
export async function boundCache(cacheDir: string, maxBytes: number, keep: string[]) {
  const entries = await listEntries(cacheDir);
  const removed: string[] = [];
  let bytes = entries.reduce((total, entry) => total + entry.bytes, 0);
  for (const entry of entries.toSorted((a, b) => a.usedMs - b.usedMs)) {
    if (bytes <= maxBytes) break;
    if (keep.includes(entry.dir) || !(await removeUnused(entry.dir))) continue;
    bytes -= entry.bytes;
    removed.push(entry.dir);
    await removeEmpty(path.dirname(entry.dir), cacheDir);
  }
  return { bytes, removed };
}

async function listEntries(cacheDir: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (const parent of await foldersAt(cacheDir, depth - 1)) {
    await endRemovals(parent);
    for (const name of await namesIn(parent)) {
      const dir = path.join(parent, name);
      const part = partPattern.test(name);
      const usedMs = part ? await modifiedMs(path.join(dir, 'part.json')) : await lastUsedMs(dir);
      if (part || usedMs > 0) entries.push({ dir, bytes: await bytesIn(dir), usedMs });
    }
  }
  return entries;
}

/** False: it is used, or filled, or gone already. */
async function removeUnused(dir: string): Promise<boolean> {
  const dtype = partPattern.exec(path.basename(dir))?.[1];
  if (dtype !== undefined && (await isHeld(path.join(path.dirname(dir), `.lock-${dtype}`)))) return false;
  if (await isUsed(dir)) return false;
  const aside = await moveAside(dir);
  if (aside === undefined) return false;
  // somebody may have begun to use it in this very moment
  if (await isUsed(aside)) {
    await rename(aside, dir);
    return false;
  }
  await rm(aside, { recursive: true, force: true });
  return true;
}

/** Removes a folder and those around it while they are empty, up to the cache itself. */
async function removeEmpty(dir: string, cacheDir: string): Promise<void> {
  for (let folder = dir; folder !== cacheDir && folder.startsWith(cacheDir); folder = path.dirname(folder)) {
    const emptied = await rmdir(folder).then(
      () => true,
      () => false,
    );
    if (!emptied) return;
  }
}

async function foldersAt(dir: string, levels: number): Promise<string[]> {
  if (levels === 0) return [dir];
  const folders: string[] = [];
  for (const name of await namesIn(dir)) folders.push(...(await foldersAt(path.join(dir, name), levels - 1)));
  return folders;
}

async function bytesIn(dir: string): Promise<number> {
  const names = await namesIn(dir);
  let bytes = 0;
  for (const name of names) {
    const found = await stat(path.join(dir, name)).catch(() => undefined);
    if (found?.isDirectory()) bytes += await bytesIn(path.join(dir, name));
    else bytes += found?.size ?? 0;
  }
  return bytes;
}

async function modifiedMs(file: string): Promise<number> {
  const found = await stat(file).catch(() => undefined);
  return found?.mtimeMs ?? 0;
}
