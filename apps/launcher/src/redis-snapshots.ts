import { execFile } from 'node:child_process';
import { constants, existsSync } from 'node:fs';
import { copyFile, mkdir, open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { findTool } from './tools.ts';

/**
 * Redis' finished snapshots on a mounted bucket. Redis itself stays on the local disk: a bucket has no fsync that it could
 * trust. A bucket writes in its own time too, so each copy has a name of its own, the last two stay, and what is restored is
 * the newest one that is whole.
 */
const kept = 2;
const named = /^redis-\d{17}\.rdb$/;

/** Copies a finished snapshot under a new name and removes those before the last two. `now` names it. */
export async function copySnapshot(rdb: string, bucket: string, now: Date): Promise<void> {
  await mkdir(bucket, { recursive: true });
  const file = path.join(bucket, `redis-${now.toISOString().replace(/\D/g, '')}.rdb`);
  const unfinished = `${file}.part`;
  try {
    await copyFile(rdb, unfinished);
    const handle = await open(unfinished, 'r+');
    await handle.sync().finally(() => handle.close());
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => {});
    throw error;
  }
  for (const old of (await snapshotsIn(bucket)).slice(kept)) await rm(old, { force: true });
}

export interface Restored {
  /** The copy that was taken, or undefined where there is none that is whole. */
  from: string | undefined;
  /** Copies that are cut or damaged. */
  broken: string[];
}

/**
 * Puts the newest whole copy where Redis will load it, if Redis has no data of its own on the local disk, which is always
 * the newer. It becomes the base of an append-only file (Redis 7's own layout), for beside one Redis reads no snapshot.
 */
export async function restoreSnapshot(bucket: string, redisDir: string): Promise<Restored> {
  const broken: string[] = [];
  const appendDir = path.join(redisDir, 'appendonlydir');
  await removeUnfinished(bucket);
  if (existsSync(appendDir)) return { from: undefined, broken };
  const base = 'appendonly.aof.1.base.rdb';
  for (const file of await snapshotsIn(bucket)) {
    const arriving = path.join(redisDir, 'arriving');
    await rm(arriving, { recursive: true, force: true });
    await mkdir(arriving);
    // first onto the local disk, then looked at: what is checked is what Redis gets
    await copyFile(file, path.join(arriving, base), constants.COPYFILE_EXCL);
    if (await isWhole(path.join(arriving, base))) {
      await writeFile(path.join(arriving, 'appendonly.aof.manifest'), `file ${base} seq 1 type b\n`);
      await rename(arriving, appendDir);
      return { from: file, broken };
    }
    broken.push(file);
    await rm(arriving, { recursive: true });
  }
  return { from: undefined, broken };
}

/** The newest first. */
async function snapshotsIn(bucket: string): Promise<string[]> {
  const names = existsSync(bucket) ? await readdir(bucket) : [];
  const files = names.filter((name) => named.test(name)).sort();
  return files.reverse().map((name) => path.join(bucket, name));
}

async function removeUnfinished(bucket: string): Promise<void> {
  const names = existsSync(bucket) ? await readdir(bucket) : [];
  for (const name of names.filter((name) => name.endsWith('.part'))) await rm(path.join(bucket, name), { force: true });
}

/** Redis' own checker reads it to the end and compares the checksum. */
async function isWhole(file: string): Promise<boolean> {
  const check = findTool('redis-check-rdb', 'redis-server');
  return promisify(execFile)(check, [file]).then(
    () => true,
    () => false,
  );
}
