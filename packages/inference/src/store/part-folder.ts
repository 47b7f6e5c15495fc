import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';

/**
 * Folders that a download fills before it is moved into place. Their name says who fills them, so that the next
 * download can tell what was left behind by a process that was killed.
 */

/** Nothing written for so long means dead: a download that stands still for five minutes is given up by fetch. */
const abandonedMs = 10 * 60_000;
const inUse = new Set<string>();
const namePattern = /^\.part-(\d+)-[0-9a-f]{8}-(.+)$/;

/** Makes an empty folder beside `target`, on the same disk. Give it back to `dropPartFolder` in any case. */
export async function makePartFolder(target: string): Promise<string> {
  const name = `.part-${process.pid}-${randomUUID().slice(0, 8)}-${hostname()}`;
  const dir = path.join(path.dirname(target), name);
  inUse.add(dir);
  await mkdir(dir, { recursive: true });
  return dir;
}

/** Removes the folder, if it was not moved into place. */
export async function dropPartFolder(dir: string): Promise<void> {
  await rm(dir, { recursive: true, force: true });
  inUse.delete(dir);
}

/** Removes the folders beside `target` that nobody fills any more. */
export async function removeAbandoned(target: string): Promise<void> {
  const parent = path.dirname(target);
  const names = await readdir(parent).catch(() => [] as string[]);
  for (const name of names) {
    const dir = path.join(parent, name);
    if (namePattern.test(name) && (await isAbandoned(dir, name))) await rm(dir, { recursive: true, force: true });
  }
}

async function isAbandoned(dir: string, name: string): Promise<boolean> {
  const [, pid, host] = namePattern.exec(name) ?? [];
  if (inUse.has(dir)) return false;
  // after a restart a process may have the number that the killed one had: its own folders are those in use
  const ownerGone = host === hostname() && (Number(pid) === process.pid || !isAlive(Number(pid)));
  return ownerGone || Date.now() - (await lastWriteMs(dir)) > abandonedMs;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // another user's process may not be signalled, but it is there
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function lastWriteMs(dir: string): Promise<number> {
  const names = await readdir(dir, { recursive: true }).catch(() => [] as string[]);
  const times = await Promise.all(['', ...names].map((name) => modifiedMs(path.join(dir, name))));
  return Math.max(...times);
}

async function modifiedMs(file: string): Promise<number> {
  const found = await stat(file).catch(() => undefined);
  return found?.mtimeMs ?? 0;
}
