import { constants, copyFile, mkdir, open, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { isGone, newOwner, type Owner, parseOwner, retire } from './owner.ts';
import type { Patience } from './patience.ts';
import { asideOf } from './remove.ts';

/**
 * A lock between processes: a file that says who holds it, and whose modification time its holder renews. It is there
 * to save work, not to keep files whole: what a download writes has a name of its own, so that a process which was only
 * believed dead can harm nobody.
 */
export interface Lock {
  owner: Owner;
  /** Aborts when another process has taken the lock, because this one was silent for too long. */
  lost: AbortSignal;
  /** Looks now whether it was lost. */
  check(): Promise<void>;
  release(): Promise<void>;
}

export interface LockOptions {
  patience: Patience;
  signal: AbortSignal;
  /** Called again and again while another holds it. */
  onWait: () => Promise<void>;
}

interface Seen {
  /** Undefined where the file has none: its process was killed, or is just writing it. */
  owner: Owner | undefined;
  modifiedMs: number;
}

/**
 * Waits until nobody else holds the lock. That a holder lives is seen at its process where it can be, else by whether
 * the file's time changes: the times themselves say nothing, for clocks differ and jump.
 */
export async function acquireLock(file: string, options: LockOptions): Promise<Lock> {
  const { patience, signal, onWait } = options;
  const owner = await newOwner();
  let seen: Seen | undefined;
  let sinceMs = 0;
  try {
    while (!(await create(file, owner))) {
      signal.throwIfAborted();
      const now = await look(file);
      const renewed = seen?.modifiedMs !== now?.modifiedMs || seen?.owner?.nonce !== now?.owner?.nonce;
      if (renewed) sinceMs = patience.now();
      const silent = patience.now() - sinceMs >= patience.silentMs;
      seen = now;
      if (now !== undefined && (silent || isDead(now, owner))) {
        await takeAway(file, now, owner);
        continue;
      }
      await onWait();
      await patience.sleep(patience.pollMs, signal);
    }
    return hold(file, owner, patience.heartbeatMs);
  } catch (error) {
    retire(owner);
    throw error;
  }
}

/** Whether somebody may be holding the lock. */
export async function isHeld(file: string): Promise<boolean> {
  const seen = await look(file);
  if (seen === undefined) return false;
  const me = await newOwner();
  retire(me);
  return !isDead(seen, me);
}

function isDead({ owner }: Seen, me: Owner): boolean {
  return owner !== undefined && isGone(owner, me);
}

function hold(file: string, owner: Owner, heartbeatMs: number): Lock {
  const lost = new AbortController();
  const check = async () => {
    const seen = await look(file);
    if (seen?.owner?.nonce !== owner.nonce) lost.abort(new Error('another process took over'));
  };
  const beat = async () => {
    await check();
    if (!lost.signal.aborted) await utimes(file, new Date(), new Date());
  };
  // a disk that fails for a moment is no loss; one that goes on failing fails the download
  const timer = setInterval(() => void beat().catch(() => {}), heartbeatMs);
  timer.unref();
  return {
    owner,
    lost: lost.signal,
    check,
    async release() {
      clearInterval(timer);
      const seen = await look(file).catch(() => undefined);
      if (seen?.owner?.nonce === owner.nonce) await rm(file, { force: true }).catch(() => {});
      // not before: another would take the file for that of a dead process, and put its own where we remove ours
      retire(owner);
    },
  };
}

/** False where the file is there already. */
async function create(file: string, owner: Owner): Promise<boolean> {
  await mkdir(path.dirname(file), { recursive: true });
  const handle = await open(file, 'wx').catch((error: NodeJS.ErrnoException) => {
    // the folder may have been cleared away since it was made
    if (error.code === 'EEXIST' || error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (handle === undefined) return false;
  try {
    await handle.writeFile(JSON.stringify(owner));
    return true;
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
}

async function look(file: string): Promise<Seen | undefined> {
  try {
    const { mtimeMs } = await stat(file);
    return { owner: parseOwner(await readFile(file, 'utf8')), modifiedMs: mtimeMs };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Removes the lock of a dead process, but no other: its owner may have ended in order meanwhile, or another is faster. */
export async function takeAway(file: string, dead: Seen, me: Owner): Promise<void> {
  const still = await look(file);
  if (still?.owner?.nonce !== dead.owner?.nonce || still?.modifiedMs !== dead.modifiedMs) return;
  const aside = asideOf(file, me.nonce);
  try {
    await rename(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const taken = await look(aside);
  if (taken?.owner?.nonce !== dead.owner?.nonce) {
    await copyFile(aside, file, constants.COPYFILE_EXCL).catch(() => undefined);
  }
  await rm(aside, { force: true });
}
