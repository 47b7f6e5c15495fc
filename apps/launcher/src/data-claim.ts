import type { DataFolder } from '@slipway/contract/data-folder';
import { beatMsOf, claimDataDir, type Lease } from './lease.ts';
import { newestSnapshot, snapshotShows, snapshotsFolder } from './redis-snapshots.ts';
import { openWaitingDoor, type WaitingDoor } from './waiting-door.ts';

/** How long a bucket gets to show the last snapshot of the instance before, in milliseconds: by its documentation 30 s. */
const showMs = 60_000;

export interface DataClaim {
  data: DataFolder;
  runDir: string;
  /** How long the instance that has the data may keep it, in milliseconds. */
  patienceMs: number;
  /** Where this house will listen. */
  port: number;
  host: string;
  /** Tells the operator. */
  say: (line: string) => void;
}

/**
 * Makes the data folder this instance's, and keeps the door open while it waits for the one before. Gives 'asked' where a
 * stop is asked for meanwhile; throws where a running instance has the folder and keeps it.
 */
export async function waitForData(claim: DataClaim, asked: Promise<'asked'>): Promise<Lease | 'asked'> {
  const { data, runDir, patienceMs, port, host, say } = claim;
  let door: Promise<WaitingDoor | undefined> | undefined;
  const onWait = () => {
    if (door) return;
    say(`waiting: another instance has ${data.dir}, or has just let go of it`);
    door = openWaitingDoor(port, host).catch((error: Error) => {
      say(`whoever calls is not told so: ${error.message}`);
      return undefined;
    });
  };
  try {
    const stop = new AbortController();
    const options = { dir: data.dir, runDir, beatMs: beatMsOf(data.kind), patienceMs, onWait, signal: stop.signal };
    const claimed = claimDataDir(options);
    const lease = await Promise.race([asked, claimed]);
    if (lease === 'asked') {
      stop.abort();
      const late = await claimed.catch(() => undefined); // it may have had the folder by then
      late?.release(late.newest);
      return lease;
    }
    if (lease.newest === undefined || data.kind !== 'bucket') return lease;
    const shows = (limitMs: number) => snapshotShows(snapshotsFolder(data.dir), lease.newest ?? '', limitMs);
    if (await shows(0)) return lease;
    onWait();
    const shown = await Promise.race([asked, shows(showMs)]);
    if (shown === 'asked') {
      lease.release(lease.newest);
      return shown;
    }
    if (!shown)
      say(
        `${lease.newest}, the last snapshot of the instance before, has not shown in ${showMs / 1_000} s: going on without it`,
      );
    return lease;
  } finally {
    await (await door)?.close();
  }
}

/** Lets go of the data folder, and says on a bucket which snapshot is the last. */
export async function releaseData(lease: Lease, { kind, dir }: DataFolder): Promise<void> {
  lease.release(kind === 'bucket' ? await newestSnapshot(snapshotsFolder(dir)).catch(() => undefined) : undefined);
}
