import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { constants, existsSync } from 'node:fs';
import { copyFile, mkdir, open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { bucketIdOf, giveBucketId, readFollows, writeFollows } from './redis-follows.ts';
import { findTool } from './tools.ts';

/**
 * Redis' finished snapshots on a mounted bucket. Redis itself stays on the local disk: a bucket has no fsync that it could
 * trust. A bucket writes in its own time too, so each copy has a name of its own, the last four stay, and what is restored is
 * the newest one that is whole.
 */
const kept = 4;

/** Where they lie in a data folder. */
export const snapshotsFolder = (dataDir: string) => path.join(dataDir, 'redis-snapshots');

const named = /^redis-\d{17}\.rdb$/;

/**
 * Copies Redis' finished snapshot under a new name and removes those before the last four. `now` names it. The local data
 * is noted as its continuation first: whoever is killed in between must know it as its own. One at a time: of two that
 * overlap, one would lose the other's name from that note.
 */
export async function copySnapshot(redisDir: string, bucket: string, now: Date): Promise<void> {
  await mkdir(bucket, { recursive: true });
  const [newest] = await snapshotsIn(bucket);
  // a clock that was set back must not make this one the oldest
  const at = new Date(Math.max(now.getTime(), newest === undefined ? 0 : timeOf(newest) + 1));
  const name = `redis-${at.toISOString().replace(/\D/g, '')}.rdb`;
  const file = path.join(bucket, name);
  const unfinished = `${file}.part`;
  const follows = readFollows(redisDir);
  writeFollows(redisDir, { ...follows, snapshots: [name, ...follows.snapshots] });
  try {
    await copyFile(path.join(redisDir, 'dump.rdb'), unfinished);
    const handle = await open(unfinished, 'r+');
    await handle.sync().finally(() => handle.close());
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => {});
    throw error;
  }
  const there = await snapshotsIn(bucket);
  // without the names of copies that failed; this one is there, though the bucket may list it later
  const ours = there.map((old) => path.basename(old)).filter((old) => old !== name && follows.snapshots.includes(old));
  writeFollows(redisDir, { ...follows, snapshots: [name, ...ours].slice(0, kept) });
  for (const old of there.slice(kept)) await rm(old, { force: true });
}

export interface Restored {
  /** The copy that was taken, or undefined where there is none that is whole, or the local data goes on. */
  from: string | undefined;
  /** Copies that were newer and are cut or damaged. They are set aside under another name, and never removed. */
  broken: string[];
  /** Where the local data now lies, if it was not that of the bucket. What was set aside earlier is removed. */
  setAside: string | undefined;
}

/**
 * Puts the newest whole copy where Redis will load it, unless the data on the local disk is the continuation of that copy:
 * then that is newer. Where another instance had the bucket since, it is not. The copy becomes the base of an append-only
 * file (Redis 7's own layout), for beside one Redis reads no snapshot. Throws where there are
 * copies and none is whole: begun without them, the house would soon copy its emptiness over them.
 */
export async function restoreSnapshot(bucket: string, redisDir: string): Promise<Restored> {
  const broken: string[] = [];
  const appendDir = path.join(redisDir, 'appendonlydir');
  await removeUnfinished(bucket);
  const follows = readFollows(redisDir);
  const localId = existsSync(appendDir) ? (follows.bucket ?? randomUUID()) : undefined;
  // one that shows no id may be away for a moment: it gets the one that we know it by
  const bucketId = bucketIdOf(bucket) ?? giveBucketId(bucket, localId);
  const isOurs = bucketId === localId;
  const goOn = async (): Promise<Restored> => {
    writeFollows(redisDir, { bucket: bucketId, snapshots: follows.snapshots });
    await renameBroken(broken);
    return { from: undefined, broken, setAside: undefined };
  };

  const base = 'appendonly.aof.1.base.rdb';
  const arriving = path.join(redisDir, 'arriving');
  for (const file of await snapshotsIn(bucket)) {
    if (isOurs && follows.snapshots.includes(path.basename(file))) return goOn();
    await rm(arriving, { recursive: true, force: true });
    await mkdir(arriving);
    // first onto the local disk, then looked at: what is checked is what Redis gets
    await copyFile(file, path.join(arriving, base), constants.COPYFILE_EXCL);
    if (await isWhole(path.join(arriving, base))) {
      await writeFile(path.join(arriving, 'appendonly.aof.manifest'), `file ${base} seq 1 type b\n`);
      const setAside = await putAside(appendDir);
      // in this order: killed in between, there is no local data, and the next start does the same again
      writeFollows(redisDir, { bucket: bucketId, snapshots: [path.basename(file)] });
      await rename(arriving, appendDir);
      await renameBroken(broken);
      return { from: file, broken, setAside };
    }
    broken.push(file);
    await rm(arriving, { recursive: true });
  }
  if (broken.length > 0)
    throw new Error(
      `none of the ${broken.length} snapshots in ${bucket} is whole. Put a whole one there, or move these away to begin without them`,
    );
  if (isOurs) return goOn();
  const setAside = await putAside(appendDir);
  writeFollows(redisDir, { bucket: bucketId, snapshots: [] });
  return { from: undefined, broken, setAside };
}

/** Moves local data out of Redis' way; only the last one stays. */
async function putAside(appendDir: string): Promise<string | undefined> {
  if (!existsSync(appendDir)) return undefined;
  const aside = `${appendDir}.set-aside`;
  await rm(aside, { recursive: true, force: true });
  await rename(appendDir, aside);
  return aside;
}

/** So that they are never the newest again, and never removed. That fails where they have gone; they are in the log. */
async function renameBroken(files: string[]): Promise<void> {
  for (const file of files) await rename(file, `${file}.broken`).catch(() => {});
}

/** The file name of the newest copy. */
export async function newestSnapshot(bucket: string): Promise<string | undefined> {
  const [newest] = await snapshotsIn(bucket);
  return newest === undefined ? undefined : path.basename(newest);
}

/**
 * Whether the copy of this name or a later one is there and whole. Waits for it: a bucket shows in its own time what
 * another machine wrote. Both times in milliseconds.
 */
export async function snapshotShows(bucket: string, name: string, limitMs: number, everyMs = 1_000): Promise<boolean> {
  const end = performance.now() + limitMs;
  for (;;) {
    for (const file of await snapshotsIn(bucket)) if (path.basename(file) >= name && (await isWhole(file))) return true;
    if (performance.now() > end) return false;
    await sleep(everyMs);
  }
}

/** When a copy was made by its name, in milliseconds since 1970. */
function timeOf(file: string): number {
  const [year, month, day, hour, minute, second, ms] =
    /(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d{3})\.rdb$/.exec(file)?.slice(1).map(Number) ?? [];
  return Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second, ms);
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
