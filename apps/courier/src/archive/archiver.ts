import { setTimeout as sleep } from 'node:timers/promises';
import type { Queues } from '@slipway/queue/queues';
import type { Log } from '@slipway/runtime/log';
import type { Hub } from './hub.ts';
import { HubFault } from './hub-fault.ts';
import { createPusher } from './push.ts';
import { createRestore } from './restore.ts';

export interface ArchiverOptions {
  hub: Hub;
  queues: Queues;
  log: Log;
  jobTtlSeconds: number;
  /** Between two pushes at least, in milliseconds. */
  everyMs: number;
  /** What restored jobs that have ended may take, in bytes of the archive. */
  restoreMaxBytes: number;
  /** Makes the names of this process' files its own. */
  boot: string;
  /** Told why the archive is not up to date, and null when it is. */
  tell?: (fault: string | null) => void;
  /** First pause after a fault, in milliseconds; each next one is twice as long, up to `everyMs`. */
  againMs?: number;
}

export interface Archiver {
  /**
   * Resolves with true when the archive was restored, and with false after so many milliseconds, or at once where the Hub
   * refuses. The restore then goes on by itself.
   */
  restored(limitMs: number): Promise<boolean>;
  /** Pushes a last time. Resolves when that is done, or was tried in vain for so many milliseconds. */
  close(limitMs: number): Promise<void>;
}

/** Pause after a fault of Redis, in milliseconds. */
const redisAgainMs = 1_000;
/** First pause after a fault of the last push, in milliseconds. */
const lastAgainMs = 250;

/**
 * Restores, then pushes again and again. Faults of the Hub and of Redis are told in the log and waited out; nothing that
 * goes wrong here is a fault of a job. Nothing is removed from the archive before it was restored.
 */
export function openArchiver(options: ArchiverOptions): Archiver {
  const { hub, queues, log, everyMs, restoreMaxBytes, tell = () => {}, againMs = 1_000 } = options;
  const closing = new AbortController();
  const done = Promise.withResolvers<boolean>();
  const restore = createRestore({ hub, queues, log, maxBytes: restoreMaxBytes });
  const pusher = createPusher(options);
  let isRestored = false;

  async function loop(): Promise<void> {
    await untilDone('restore', async () => {
      await hub.prepare();
      await restore();
    });
    if (closing.signal.aborted) return;
    isRestored = true;
    done.resolve(true);
    for (;;) {
      await pause(everyMs);
      if (closing.signal.aborted) return;
      await untilDone('push', push);
    }
  }

  /** Each time, for whoever owns the dataset may have made it public meanwhile, or removed it. */
  async function push(): Promise<boolean> {
    await hub.prepare();
    return pusher.push(isRestored);
  }

  /** Tries until it works or we are to stop. */
  async function untilDone(what: 'restore' | 'push', attempt: () => Promise<unknown>): Promise<void> {
    for (let faults = 0; !closing.signal.aborted; faults += 1) {
      try {
        await attempt();
        tell(null);
        if (faults > 0) log.info({ what, faults }, 'the archive works again');
        return;
      } catch (error) {
        const ms = pauseAfter(error, faults);
        tell(reasonOf(error));
        log.warn({ what, reason: reasonOf(error), againMs: ms }, 'the archive is not up to date; trying again');
        if (error instanceof HubFault && error.isRefusal) done.resolve(false);
        await pause(ms);
      }
    }
  }

  function pauseAfter(error: unknown, faults: number): number {
    // Redis is near, and back in a moment
    if (!(error instanceof HubFault)) return Math.min(againMs, redisAgainMs);
    const asked = error.retryAfterMs ?? 0;
    const own = Math.min(againMs * 2 ** Math.min(faults, 16), Math.max(everyMs, againMs));
    return Math.round(Math.max(asked, own * (0.75 + Math.random() / 2)));
  }

  const pause = (ms: number) => sleep(ms, undefined, { signal: closing.signal }).catch(() => {});

  const looping = loop();
  return {
    async restored(limitMs) {
      const over = new AbortController();
      const limit = sleep(limitMs, false as const, { signal: over.signal }).catch(() => false as const);
      const inTime = await Promise.race([done.promise, limit]);
      over.abort();
      if (!inTime) log.warn('the archive is not restored; going on without it until it is');
      return inTime;
    },
    async close(limitMs) {
      const endAt = performance.now() + limitMs;
      closing.abort();
      await looping;
      for (let faults = 0; ; faults += 1) {
        try {
          while (await push()); // what did not fit into one
          return;
        } catch (error) {
          const ms = Math.max(lastAgainMs * 2 ** faults, error instanceof HubFault ? (error.retryAfterMs ?? 0) : 0);
          if (performance.now() + ms < endAt) {
            await sleep(ms);
            continue;
          }
          log.warn({ reason: reasonOf(error) }, 'the last push failed: what is not in the archive goes with the disk');
          return;
        }
      }
    },
  };
}

const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
