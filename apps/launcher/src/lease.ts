import { randomUUID } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readIfThere } from '@slipway/config/read-if-there';
import type { DataKind } from '@slipway/contract/data-folder';
import { somebodyLives } from '@slipway/runtime/alive';
import { instanceLives } from './claim.ts';
import { socketAnswers } from './port.ts';

/**
 * The mark of the instance that has a data folder. Two redis-servers on one would destroy each other's data. On one machine
 * its run directory tells whether the other one lives; containers that share a volume see only each other's marks, so the
 * holder writes its own anew again and again. Which of the two it is, is not told by names, which containers may share:
 * the run directory holds the mark's id too.
 */
interface Mark {
  id: string;
  host: string;
  runDir: string;
  /** Grows with each beat, so that whoever watches needs no clock in common. */
  beat: number;
  /** Milliseconds between two beats. */
  beatMs: number;
  /**
   * The file name of a snapshot that whoever comes next must not begin without. A bucket may show this mark earlier than
   * the snapshot, though that was written first.
   */
  newest?: string;
  /** Its holder has let go of the folder. */
  released?: true;
}

export interface Lease {
  /** Resolves when another instance has written its own mark. */
  lost: Promise<void>;
  /** What the one before had copied last, if it said so. */
  newest: string | undefined;
  /** Lets go of the folder; on a bucket with the file name of the last snapshot there. */
  release(newest?: string): void;
}

export interface LeaseOptions {
  dir: string;
  runDir: string;
  beatMs: number;
  /** How long an instance that stops, or one elsewhere that lives, gets, in milliseconds; it may be the one that we replace. */
  patienceMs: number;
  /** Called, more than once, while another instance has it. */
  onWait?: () => void;
  /** Ends the wait: the claim throws, and has taken nothing. Once the folder is taken it is looked at no more. */
  signal?: AbortSignal | undefined;
  host?: string;
}

/** A bucket takes a while to show what another container wrote, and counts requests. */
export const beatMsOf = (kind: DataKind) => (kind === 'bucket' ? 20_000 : 5_000);

/** A mark that has not changed in this many beats is nobody's. Clocks differ, so what it says of the time would tell nothing. */
const watchBeats = 2.5;

/** The id of the mark that this run directory's instance wrote. */
const idOf = (runDir: string) => path.join(runDir, 'instance');
const markOf = (dir: string) => path.join(dir, '.slipway-instance');

/** Makes the data folder this instance's. Throws where a running instance has it and keeps it, or at `signal`. */
export async function claimDataDir(options: LeaseOptions): Promise<Lease> {
  const { dir, runDir, beatMs, host = hostname() } = options;
  let own: Mark = { id: randomUUID(), host, runDir, beat: 0, beatMs };
  if (!tryFirst(dir, own)) {
    const before = await untilFree(options);
    options.signal?.throwIfAborted();
    if (before?.newest !== undefined) own = { ...own, newest: before.newest }; // for who comes next if we are killed
    write(dir, own);
  }
  writeFileSync(idOf(runDir), own.id);
  await sleep(50); // of two that took a stale mark at once, the last one to write has it
  const holder = read(dir);
  if (holder && holder.id !== own.id) throw taken(dir, holder);
  return keep(dir, own);
}

/** Whether a running instance on this machine, on whatever port, has the data folder. */
export async function dataDirIsTaken(dir: string): Promise<boolean> {
  const mark = read(dir);
  return mark !== undefined && !mark.released && isHere(mark) && (await instanceLives(mark.runDir));
}

/** True where nobody had it; of two that start at once only one makes the file. */
function tryFirst(dir: string, own: Mark): boolean {
  try {
    writeFileSync(markOf(dir), JSON.stringify(own), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
}

/** Gives the mark of the one before as it was at the end. */
async function untilFree(options: LeaseOptions): Promise<Mark | undefined> {
  const other = read(options.dir);
  if (other === undefined || other.released) return other;
  if (!isHere(other)) return untilStill(options, other);
  if (other.runDir !== options.runDir) await untilStopped(options, other); // ours: nobody is left in it
  return read(options.dir);
}

/** Whether an instance of this machine wrote the mark, and we see its run directory. */
const isHere = (mark: Mark) => readIfThere(idOf(mark.runDir)) === mark.id;

/** What a launcher that was killed has left stops by itself, but not at once, and Redis last. */
async function untilStopped({ dir, patienceMs, onWait, signal }: LeaseOptions, other: Mark): Promise<void> {
  const redisSocket = path.join(other.runDir, 'redis.sock');
  const giveUpAt = performance.now() + patienceMs;
  while (somebodyLives(other.runDir) || (await socketAnswers(redisSocket))) {
    if ((await instanceLives(other.runDir)) || performance.now() > giveUpAt) throw taken(dir, other);
    onWait?.();
    await sleep(50, undefined, { signal });
  }
  if (await instanceLives(other.runDir)) throw taken(dir, other); // it starts: nothing else of it lives yet
}

async function untilStill(options: LeaseOptions, other: Mark): Promise<Mark | undefined> {
  const { dir, patienceMs, onWait, signal } = options;
  const giveUpAt = performance.now() + Math.max(patienceMs, watchBeats * other.beatMs);
  let seen = other;
  let seenAt = performance.now();
  while (performance.now() - seenAt < watchBeats * other.beatMs) {
    onWait?.();
    await sleep(Math.min(500, other.beatMs / 4), undefined, { signal });
    const now = read(dir);
    if (now === undefined || now.released) return now; // it let go
    if (now.beat === seen.beat && now.id === seen.id) continue;
    if (performance.now() > giveUpAt) throw taken(dir, now);
    seen = now;
    seenAt = performance.now();
  }
  return seen;
}

function keep(dir: string, own: Mark): Lease {
  const lost = Promise.withResolvers<void>();
  let beat = 0;
  const timer = setInterval(() => {
    const holder = read(dir);
    if (holder && holder.id !== own.id) {
      clearInterval(timer);
      lost.resolve();
      return;
    }
    beat += 1;
    try {
      write(dir, { ...own, beat });
    } catch {
      // a bucket that is away for a moment, a full disk: Redis tells of it
    }
  }, own.beatMs);
  timer.unref();
  return {
    lost: lost.promise,
    newest: own.newest,
    release(newest) {
      clearInterval(timer);
      if (read(dir)?.id !== own.id) return;
      if (newest === undefined) return rmSync(markOf(dir), { force: true });
      try {
        write(dir, { ...own, newest, released: true });
      } catch {
        // a bucket that is full or away: who comes next waits until it sees no more beats
      }
    },
  };
}

function write(dir: string, mark: Mark): void {
  const unfinished = `${markOf(dir)}.${mark.id}`;
  try {
    writeFileSync(unfinished, JSON.stringify(mark));
    renameSync(unfinished, markOf(dir));
  } catch (error) {
    rmSync(unfinished, { force: true }); // a full disk leaves an empty one
    throw error;
  }
}

function read(dir: string): Mark | undefined {
  try {
    return JSON.parse(readFileSync(markOf(dir), 'utf8')) as Mark;
  } catch {
    return undefined; // there is none, or one of another kind
  }
}

function taken(dir: string, other: Mark): Error {
  return new Error(
    isHere(other)
      ? `${dir} is in use by another instance. Give this one its own: DATA_DIR=… npm start`
      : `${dir} is in use by another instance, in ${other.host}. One volume takes one container`,
  );
}
