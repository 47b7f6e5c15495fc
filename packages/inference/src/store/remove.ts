import { randomUUID } from 'node:crypto';
import { readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';

/** What is to be removed has such a name first, so that nobody finds half of it. */
const asideStart = '.gone-';

/** Where a file or folder goes before it is removed: beside itself. */
export function asideOf(file: string, nonce: string): string {
  return path.join(path.dirname(file), asideStart + nonce);
}

/** Takes a folder out of everybody's sight. Resolves to where it is now; undefined: there is none. */
export async function moveAside(dir: string): Promise<string | undefined> {
  const aside = asideOf(dir, randomUUID().slice(0, 8));
  try {
    await rename(dir, aside);
    return aside;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Removes a folder, for everybody else at once, though its content takes a while. */
export async function removeFolder(dir: string): Promise<void> {
  const aside = await moveAside(dir);
  if (aside !== undefined) await rm(aside, { recursive: true, force: true });
}

/** Ends the removals in a folder that a killed process had begun. */
export async function endRemovals(parent: string): Promise<void> {
  for (const name of await namesIn(parent)) {
    if (name.startsWith(asideStart)) await rm(path.join(parent, name), { recursive: true, force: true });
  }
}

/** None where there is no such folder. */
export function namesIn(dir: string): Promise<string[]> {
  return readdir(dir).catch(() => []);
}
