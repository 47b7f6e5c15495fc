import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readIfThere } from '@slipway/config/read-if-there';

/** A note beside Redis' data on the local disk: of which bucket's snapshots it is the continuation. */
export interface Follows {
  /** The bucket's id; undefined where nothing is known. */
  bucket: string | undefined;
  /** File names, the newest first: all that is in these is in the local data too. */
  snapshots: string[];
}

const noteOf = (redisDir: string) => path.join(redisDir, 'follows.json');
/** It lies among the snapshots, so that it goes where they go. */
const idOf = (folder: string) => path.join(folder, 'bucket-id');

export function readFollows(redisDir: string): Follows {
  try {
    return JSON.parse(readFileSync(noteOf(redisDir), 'utf8')) as Follows;
  } catch {
    return { bucket: undefined, snapshots: [] }; // there is none
  }
}

export function writeFollows(redisDir: string, follows: Follows): void {
  const note = noteOf(redisDir);
  writeFileSync(`${note}.new`, JSON.stringify(follows), { flush: true });
  renameSync(`${note}.new`, note);
}

/** The id of the bucket with these snapshots; undefined where it has none. */
export const bucketIdOf = (folder: string) => readIfThere(idOf(folder))?.trim() || undefined;

/**
 * Gives it one, and tells which it has: one that is there, and could not be read for a moment, stays. What can't be
 * written now is written at a later start.
 */
export function giveBucketId(folder: string, id: string = randomUUID()): string {
  try {
    mkdirSync(folder, { recursive: true });
    const isEmpty = readIfThere(idOf(folder)) === ''; // a full bucket has left it so
    writeFileSync(idOf(folder), `${id}\n`, { flag: isEmpty ? 'w' : 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return bucketIdOf(folder) ?? id;
    // it is full or away: the first copy of a snapshot tells of it
  }
  return id;
}
