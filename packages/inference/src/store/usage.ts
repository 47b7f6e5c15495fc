import { readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { manifestName } from './manifest.ts';
import { isGone, newOwner, parseOwner, retire } from './owner.ts';
import { namesIn } from './remove.ts';

/** A process that uses a downloaded model leaves a mark in its folder, so that nobody removes it to make room. */

const markStart = '.used-by-';
const beatMs = 60_000;
/** A mark that was not renewed for so long is of a dead process, where the process can't be looked up. */
const silentMs = 10 * beatMs;

/**
 * Marks the model's folder as used now and from now on, until the function is called that this resolves to. The mark of
 * a process that is killed ends with it. A folder that can't be written needs no mark: nobody removes it.
 */
export async function markUsed(dir: string): Promise<() => Promise<void>> {
  const owner = await newOwner();
  const mark = path.join(dir, markStart + owner.nonce);
  const beat = async () => {
    const now = new Date();
    await utimes(path.join(dir, manifestName), now, now).catch(() => {});
    await utimes(mark, now, now).catch(() => {});
  };
  await writeFile(mark, JSON.stringify(owner)).catch(() => {});
  await beat();
  const timer = setInterval(() => void beat(), beatMs);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await beat();
    await rm(mark, { force: true }).catch(() => {});
    retire(owner);
  };
}

/** Whether a living process uses the folder. Clears away the marks of dead ones. `nowMs`: milliseconds since 1970. */
export async function isUsed(dir: string, nowMs = Date.now()): Promise<boolean> {
  const me = await newOwner();
  retire(me);
  let used = false;
  for (const name of await namesIn(dir)) {
    if (!name.startsWith(markStart)) continue;
    const mark = path.join(dir, name);
    const owner = parseOwner(await readFile(mark, 'utf8').catch(() => ''));
    const found = await stat(mark).catch(() => undefined);
    const silent = found === undefined || nowMs - found.mtimeMs > silentMs;
    if (silent || (owner !== undefined && isGone(owner, me))) await rm(mark, { force: true });
    else used = true;
  }
  return used;
}

/** When the folder was last used, in milliseconds since 1970; 0 where it holds no downloaded model. */
export async function lastUsedMs(dir: string): Promise<number> {
  const found = await stat(path.join(dir, manifestName)).catch(() => undefined);
  return found?.mtimeMs ?? 0;
}
