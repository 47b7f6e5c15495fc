import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeDataFolder } from '@slipway/config/data-folder';
import type { DataFolder } from '@slipway/contract/data-folder';
import type { Log } from '@slipway/runtime/log';
import { copySnapshot, restoreSnapshot } from './redis-snapshots.ts';

/** How much a crash of the machine may cost where the data folder is a bucket. */
export const snapshotEveryMs = 5 * 60_000;

export interface BucketOptions {
  runDir: string;
  data: DataFolder;
  /** Where Redis works, on the local disk. */
  redisDir: string;
  redisCli: (...args: string[]) => Promise<{ stdout: string }>;
  log: Log;
}

/** Keeps Redis' snapshots on a bucket: restored before the start, copied now and then, and once more when Redis is gone. */
export interface Bucket {
  restore(): Promise<void>;
  /** Has Redis write a snapshot and copies it. Never throws: the next one may do better, and `/readyz` tells. */
  snapshot(): Promise<void>;
  /** Copies the snapshot that Redis wrote at its end. */
  last(): Promise<void>;
}

export function openBucket({ runDir, data, redisDir, redisCli, log }: BucketOptions): Bucket {
  const folder = path.join(data.dir, 'redis-snapshots');
  const rdb = path.join(redisDir, 'dump.rdb');
  let at: string | null = null;

  async function copy(write: () => Promise<void>): Promise<void> {
    let fault: string | null = null;
    try {
      await write();
      const now = new Date();
      await copySnapshot(rdb, folder, now);
      at = now.toISOString();
      log.info('a snapshot of Redis is in the bucket');
    } catch (error) {
      const { code } = error as { code?: unknown };
      fault = typeof code === 'string' ? code : 'Redis could not write it';
      log.warn({ reason: (error as Error).message }, 'no snapshot of Redis could be put into the bucket');
    }
    writeDataFolder(runDir, { ...data, snapshot: { at, fault } });
  }

  return {
    async restore() {
      const { from, broken } = await restoreSnapshot(folder, redisDir);
      for (const file of broken) log.warn({ file }, 'a snapshot in the bucket is cut or damaged');
      if (from) log.info({ from }, 'Redis begins with the snapshot of the bucket');
    },
    snapshot: () => copy(() => saveInBackground(redisCli)),
    last: () => copy(async () => {}),
  };
}

/** Throws where Redis could not write it. */
async function saveInBackground(redisCli: BucketOptions['redisCli']): Promise<void> {
  const before = await persistence(redisCli);
  await redisCli('bgsave', 'schedule'); // after a rewrite of the append-only file that may be under way
  for (;;) {
    const now = await persistence(redisCli);
    if (Number(now.get('rdb_saves')) > Number(before.get('rdb_saves'))) return;
    const failed = now.get('rdb_last_bgsave_status') === 'err' && now.get('rdb_bgsave_in_progress') === '0';
    if (failed) throw new Error('BGSAVE failed');
    await sleep(100);
  }
}

async function persistence(redisCli: BucketOptions['redisCli']): Promise<Map<string, string>> {
  const { stdout } = await redisCli('info', 'persistence');
  const pairs = stdout.split(/\r?\n/).map((line) => line.split(':'));
  return new Map(pairs.flatMap(([name, value]) => (name && value !== undefined ? [[name, value]] : [])));
}
