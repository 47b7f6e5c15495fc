import { setTimeout as sleep } from 'node:timers/promises';
import { forgetArchived } from '@slipway/queue/archive/finished';
import { noteArchive, readArchiveState } from '@slipway/queue/archive/state';
import type { Queues } from '@slipway/queue/queues';
import type { Log } from '@slipway/runtime/log';
import { type Hub, type HubOptions, openHub } from './hub.ts';
import { HubFault } from './hub-fault.ts';
import { createPusher, type pushLimits } from './push.ts';
import { createRestore } from './restore.ts';

export interface ArchiverOptions {
  hub: HubOptions;
  queues: Queues;
  log: Log;
  jobTtlSeconds: number;
  /** Between two pushes at least, in milliseconds. */
  everyMs: number;
  /** What restored jobs that have ended may take, in bytes of the archive. */
  restoreMaxBytes: number;
  /** Makes the names of this process' files its own. */
  boot: string;
  /** First pause after a fault, in milliseconds; each next one is twice as long, up to `everyMs`. */
  againMs?: number;
  limits?: typeof pushLimits;
  /** Whether another instance has taken our data: then what we have is not to be pushed. */
  isLost?: () => boolean;
}

export interface Archiver {
  /**
   * Resolves with true when Redis holds the jobs of the archive, at once where it outlived the last courier; with false
   * after so many milliseconds, or at once where the Hub refuses. The restore then goes on by itself.
   */
  restored(limitMs: number): Promise<boolean>;
  /** Pushes a last time. Resolves when that is done, or was tried in vain for so many milliseconds. */
  close(limitMs: number): Promise<void>;
}

/** First pause after a fault of the last push, in milliseconds. */
const lastAgainMs = 250;
/** Redis may be on its way up yet: so many misses, so far apart in milliseconds, are no news. */
const redis = { misses: 20, againMs: 50 };

/**
 * Restores, then pushes again and again. Faults of the Hub and of Redis are told in the log and waited out; nothing that
 * goes wrong here is a fault of a job. Nothing is removed from the archive before it was restored.
 */
export function openArchiver(options: ArchiverOptions): Archiver {
  const { queues, log, everyMs, restoreMaxBytes, boot, againMs = 1_000, isLost = () => false } = options;
  const { dataset } = options.hub;
  const closing = new AbortController();
  const cutting = new AbortController();
  const hub = openHub({ ...options.hub, signal: cutting.signal });
  const done = Promise.withResolvers<boolean>();
  const restore = createRestore({ queues, log, boot, maxBytes: restoreMaxBytes });
  const pusher = createPusher({ ...options, restore });
  let isRestored = false;
  let hasBegun = false;
  let mustForget = false;
  let hasLost = false;

  async function loop(): Promise<void> {
    for (let i = 0; i < redis.misses && !(await readArchiveState(queues).catch(() => undefined)); i += 1)
      await pause(redis.againMs);
    await untilDone('restore', bringBack);
    // a job that kills its container must not do so before it is told that it did
    if (hasLost) await untilDone('push', () => push(hub));
    if (closing.signal.aborted) return;
    done.resolve(true);
    for (;;) {
      await pause(everyMs);
      if (closing.signal.aborted) return;
      await untilDone('push', () => push(hub));
    }
  }

  async function bringBack(): Promise<void> {
    const before = await readArchiveState(queues);
    const isOurs = before.dataset === dataset;
    // what this Redis held when the last courier ended it still holds; what others have pushed since can come later
    if (isOurs) done.resolve(true);
    else await tellBegin();
    mustForget ||= before.dataset !== undefined && !isOurs;
    const commit = await prepare(hub);
    const isKnown = isOurs && commit !== undefined && commit === before.commit;
    if (!isKnown) await tellBegin();
    hasLost = (await restore.run(hub, isKnown)).hasLost;
    await noteArchive(queues, { dataset, restore: 'done', fault: '', ...(commit !== undefined && { commit }) });
    isRestored = true;
  }

  /** Once: that it is late, or refused, holds until it is done. */
  async function tellBegin(): Promise<void> {
    if (!hasBegun) await noteArchive(queues, { restore: 'under_way' });
    hasBegun = true;
  }

  /** Each time, for whoever owns the dataset may have made it public meanwhile, or removed it. */
  async function prepare(by: Hub): Promise<string | undefined> {
    const { commit, isNew } = await by.prepare();
    // our jobs are in no file there, whatever their marks say
    mustForget ||= isNew;
    if (mustForget) await forgetArchived(queues);
    mustForget = false;
    return commit;
  }

  async function push(by: Hub): Promise<boolean> {
    await pusher.settle();
    if (isLost()) return false;
    await prepare(by);
    const files = by === hub && isRestored ? (await restore.run(by, false)).files : await by.list();
    const isMore = await pusher.push(by, files, isRestored);
    if (!isMore) await noteArchive(queues, { pushedAt: Date.now(), fault: '' });
    return isMore;
  }

  /** Tries until it works or we are to stop. */
  async function untilDone(what: 'restore' | 'push', attempt: () => Promise<unknown>): Promise<void> {
    for (let faults = 0; !closing.signal.aborted; ) {
      try {
        if ((await attempt()) === true) continue; // there is more
        if (faults > 0) log.info({ what, faults }, 'the archive works again');
        return;
      } catch (error) {
        await tell(what, error, faults);
        faults += 1;
      }
    }
  }

  async function tell(what: 'restore' | 'push', error: unknown, faults: number): Promise<void> {
    if (closing.signal.aborted) return;
    const reason = reasonOf(error);
    const isRefusal = error instanceof HubFault && error.isRefusal;
    const ms = pauseAfter(error, faults);
    log.warn({ what, reason, againMs: ms }, 'the archive is not up to date; trying again');
    const refused = isRefusal && what === 'restore' && { restore: 'refused' as const };
    await noteArchive(queues, { fault: reason, ...refused }).catch(() => {});
    if (isRefusal) done.resolve(false);
    await pause(ms);
  }

  function pauseAfter(error: unknown, faults: number): number {
    const asked = error instanceof HubFault ? (error.retryAfterMs ?? 0) : 0;
    const own = Math.min(againMs * 2 ** Math.min(faults, 16), Math.max(everyMs, againMs));
    return Math.round(Math.max(asked, own * (0.75 + Math.random() / 2)));
  }

  const pause = (ms: number) => sleep(ms, undefined, { signal: closing.signal }).catch(() => {});

  const looping = loop();
  return {
    async restored(limitMs) {
      const over = new AbortController();
      const limit = sleep(limitMs, 'late' as const, { signal: over.signal }).catch(() => 'late' as const);
      const first = await Promise.race([done.promise, limit]);
      over.abort();
      if (first === 'late' && !isRestored) {
        hasBegun = true;
        await noteArchive(queues, { restore: 'late' }).catch(() => {});
      }
      const inTime = first === true;
      if (!inTime) log.warn('the archive is not restored; going on without it until it is');
      return inTime;
    },
    async close(limitMs) {
      const endAt = performance.now() + limitMs;
      closing.abort();
      // what is under way to a hub that says nothing must leave time for the last push
      const cut = setTimeout(() => cutting.abort(), limitMs / 3);
      await looping;
      clearTimeout(cut);
      const last = openHub({ ...options.hub, requestMs: Math.max(limitMs, 1_000) });
      for (let faults = 0; ; faults += 1) {
        try {
          while (await push(last)); // what did not fit into one
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
