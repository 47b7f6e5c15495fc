import { setTimeout as sleep } from 'node:timers/promises';
import { writeDataFolder } from '@slipway/config/data-folder';
import type { DataFolder } from '@slipway/contract/data-folder';
import type { Log } from '@slipway/runtime/log';
import { dataIsLost } from '@slipway/runtime/lost';
import { copySnapshot, restoreSnapshot, snapshotsFolder } from './redis-snapshots.ts';

export interface BucketOptions {
  runDir: string;
  data: DataFolder;
  /** Where Redis works, on the local disk. */
  redisDir: string;
  redisCli: (...args: string[]) => Promise<{ stdout: string }>;
  log: Log;
}

/**
 * Keeps Redis' snapshots on a bucket: restored before the start, copied now and then, and once more when Redis is gone. None
 * once another instance has taken the bucket, for ours would be taken for the newest.
 */
export interface Bucket {
  /** Throws where there are copies and none is whole. */
  restore(): Promise<void>;
  /** Has Redis write a snapshot and copies it. Never throws: the next one may do better, and `/readyz` tells. */
  snapshot(): Promise<void>;
  /** The same again and again, for ever: `everyMs` is what a crash of the machine may cost. */
  copyNowAndThen(everyMs: number): Promise<never>;
  /** Copies the snapshot that Redis wrote at its end. */
  last(): Promise<void>;
}

export function openBucket({ runDir, data, redisDir, redisCli, log }: BucketOptions): Bucket {
  const folder = snapshotsFolder(data.dir);
  let at: string | null = null;
  let before = Promise.resolve();

  async function copy(write: () => Promise<void>): Promise<void> {
    let fault: string | null = null;
    try {
      await write();
      if (dataIsLost(runDir)) return log.warn('another instance has the bucket: no snapshot of Redis is copied');
      const now = new Date();
      await copySnapshot(redisDir, folder, now);
      at = now.toISOString();
      log.info('a snapshot of Redis is in the bucket');
    } catch (error) {
      const { code } = error as { code?: unknown };
      fault = typeof code === 'string' ? code : 'Redis could not write it';
      log.warn({ reason: (error as Error).message }, 'no snapshot of Redis could be put into the bucket');
    }
    try {
      writeDataFolder(runDir, { ...data, snapshot: { at, fault } });
    } catch (error) {
      log.warn({ reason: (error as Error).message }, 'the note about it could not be written');
    }
  }

  /** One after the other: that of every few minutes, the one at a signal and the last one may come together. */
  function copyInTurn(write: () => Promise<void>): Promise<void> {
    before = before.then(() => copy(write));
    return before;
  }

  const snapshot = () => copyInTurn(() => saveInBackground(redisCli));

  return {
    async restore() {
      const { from, broken, setAside } = await restoreSnapshot(folder, redisDir);
      for (const file of broken) log.warn({ file }, 'a snapshot in the bucket is cut or damaged: set aside');
      if (setAside)
        log.warn({ setAside, from }, "Redis' data on the local disk was not what the bucket goes on from: set aside");
      if (from) log.info({ from }, 'Redis begins with the snapshot of the bucket');
    },
    snapshot,
    async copyNowAndThen(everyMs) {
      for (;;) {
        await sleep(everyMs);
        await snapshot();
      }
    },
    last: () => copyInTurn(async () => {}),
  };
}

/** Resolves when what Redis holds now is in its snapshot. Throws where Redis could not write it. */
async function saveInBackground(redisCli: BucketOptions['redisCli']): Promise<void> {
  const before = await requestSave(redisCli);
  for (;;) {
    const now = await persistence(redisCli);
    // Redis counts a save when it begins
    if (Number(now.get('rdb_saves')) > before && now.get('rdb_bgsave_in_progress') === '0') {
      if (now.get('rdb_last_bgsave_status') !== 'ok') throw new Error('BGSAVE failed');
      return;
    }
    await sleep(100);
  }
}

/** Has Redis begin a save that holds all of now; gives how many had begun before. */
async function requestSave(redisCli: BucketOptions['redisCli']): Promise<number> {
  for (;;) {
    const before = Number((await persistence(redisCli)).get('rdb_saves'));
    // after a rewrite of the append-only file that may be under way
    const { stdout } = await redisCli('bgsave', 'schedule');
    if (stdout.startsWith('Background saving')) return before;
    if (!/already in progress/i.test(stdout)) throw new Error(`BGSAVE: ${stdout.trim()}`);
    await sleep(100); // one of Redis' own, which began earlier
  }
}

async function persistence(redisCli: BucketOptions['redisCli']): Promise<Map<string, string>> {
  const { stdout } = await redisCli('info', 'persistence');
  const pairs = stdout.split(/\r?\n/).map((line) => line.split(':'));
  return new Map(pairs.flatMap(([name, value]) => (name && value !== undefined ? [[name, value]] : [])));
}
