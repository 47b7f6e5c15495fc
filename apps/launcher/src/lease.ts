import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DataKind } from '@slipway/contract/data-folder';
import { instanceLives } from './claim.ts';

/**
 * The mark of the instance that has a data folder. Two redis-servers on one would destroy each other's data. On one machine
 * a socket tells whether the other one lives; containers that share a volume see only each other's marks, so the holder
 * writes its own anew again and again.
 */
interface Mark {
  id: string;
  host: string;
  runDir: string;
  /** Grows with each beat, so that whoever watches needs no clock in common. */
  beat: number;
  /** Milliseconds between two beats. */
  beatMs: number;
  /** When, by the holder's clock, in milliseconds since 1970. */
  at: number;
}

export interface Lease {
  /** Resolves when another instance has written its own mark. */
  lost: Promise<void>;
  release(): void;
}

export interface LeaseOptions {
  dir: string;
  runDir: string;
  beatMs: number;
  /** How long an instance elsewhere that lives gets to stop, in milliseconds; it may be the one that we replace. */
  patienceMs: number;
  host?: string;
}

/** A bucket takes a while to show what another container wrote, and counts requests. */
export const beatMsOf = (kind: DataKind) => (kind === 'bucket' ? 20_000 : 5_000);

/** A mark that is older than this many beats, by the clock, is nobody's. */
const staleBeats = 12;
/** A mark that has not changed in this many beats is nobody's either. */
const watchBeats = 2.5;

const markOf = (dir: string) => path.join(dir, '.slipway-instance');

/** Makes the data folder this instance's. Throws where a running instance has it and keeps it. */
export async function claimDataDir(options: LeaseOptions): Promise<Lease> {
  const { dir, runDir, beatMs, host = hostname() } = options;
  const own: Mark = { id: randomUUID(), host, runDir, beat: 0, beatMs, at: 0 };
  if (!tryFirst(dir, own)) {
    await untilFree(options, host);
    write(dir, own);
  }
  await sleep(50); // of two that took a stale mark at once, the last one to write has it
  const holder = read(dir);
  if (holder && holder.id !== own.id) throw taken(dir, holder, host);
  return keep(dir, own);
}

/** Whether a running instance on this machine, on whatever port, has the data folder. */
export async function dataDirIsTaken(dir: string): Promise<boolean> {
  const mark = read(dir);
  return mark !== undefined && existsSync(mark.runDir) && (await instanceLives(mark.runDir));
}

/** True where nobody had it; of two that start at once only one makes the file. */
function tryFirst(dir: string, own: Mark): boolean {
  try {
    writeFileSync(markOf(dir), JSON.stringify({ ...own, at: Date.now() }), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
}

async function untilFree({ dir, runDir, patienceMs }: LeaseOptions, host: string): Promise<void> {
  const other = read(dir);
  if (other === undefined) return;
  if (other.host === host && existsSync(other.runDir)) {
    if (other.runDir !== runDir && (await instanceLives(other.runDir))) throw taken(dir, other, host);
    return; // of this machine, and dead
  }
  if (Math.abs(Date.now() - other.at) > staleBeats * other.beatMs) return;
  const giveUpAt = performance.now() + Math.max(patienceMs, watchBeats * other.beatMs);
  let seen = other;
  let seenAt = performance.now();
  while (performance.now() - seenAt < watchBeats * other.beatMs) {
    await sleep(Math.min(500, other.beatMs / 4));
    const now = read(dir);
    if (now === undefined) return; // it let go
    if (now.beat === seen.beat && now.id === seen.id) continue;
    if (performance.now() > giveUpAt) throw taken(dir, now, host);
    seen = now;
    seenAt = performance.now();
  }
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
    release() {
      clearInterval(timer);
      if (read(dir)?.id === own.id) rmSync(markOf(dir), { force: true });
    },
  };
}

function write(dir: string, mark: Mark): void {
  const unfinished = `${markOf(dir)}.${mark.id}`;
  writeFileSync(unfinished, JSON.stringify({ ...mark, at: Date.now() }));
  renameSync(unfinished, markOf(dir));
}

function read(dir: string): Mark | undefined {
  try {
    return JSON.parse(readFileSync(markOf(dir), 'utf8')) as Mark;
  } catch {
    return undefined; // there is none, or one of another kind
  }
}

function taken(dir: string, other: Mark, host: string): Error {
  const where = other.host === host ? 'another instance' : `another instance, in ${other.host}`;
  const advice = other.host === host ? 'Give this one its own: DATA_DIR=… npm start' : 'One volume takes one container';
  return new Error(`${dir} is in use by ${where}. ${advice}`);
}
