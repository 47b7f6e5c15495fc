import { CodedError } from '@slipway/contract/problems';
import { countJobs } from './counts.ts';
import type { Queues } from './queues.ts';

/** How old the counts from Redis may be, in milliseconds. In between, what this process admits is added to them. */
const freshMs = 200;
/** Of what Redis itself may hold, this share at most: the rest is for outputs and events of what was admitted. */
const shareOfRedis = 0.8;

export interface Admission {
  /**
   * Submits a job of so many bytes, or throws CodedError `queue_full`, with the time after which to try again, or
   * `queue_unavailable`. One process never passes the bounds, and may refuse a little early while jobs are under way to
   * Redis; several may pass them by what they admit within 200 ms.
   */
  admit<T>(bytes: number, submit: () => Promise<T>): Promise<T>;
}

export interface AdmissionOptions {
  maxDepth: number;
  /** What Redis may hold, in bytes. */
  maxBytes: number;
  /** When there is likely to be room. */
  secondsUntilRoom: () => number;
}

interface Counts {
  at: number;
  open: number;
  bytes: number;
  maxBytes: number;
}

/** Bounds the queue before it can fill Redis: a job is refused while those that were admitted can still be finished. */
export function openAdmission(queues: Queues, { maxDepth, maxBytes, secondsUntilRoom }: AdmissionOptions): Admission {
  let counts: Counts | undefined;
  let counting: Promise<void> | undefined;
  /** Admitted, and perhaps not yet to be seen in Redis. */
  const pending = { open: 0, bytes: 0 };

  async function count(): Promise<void> {
    const at = performance.now();
    const before = { ...pending };
    const { tasks, memory } = await countJobs(queues);
    const { used, limit } = memory;
    const open = tasks.reduce((sum, { queued, running }) => sum + queued + running, 0);
    const ofRedis = limit > 0 ? limit * shareOfRedis : Number.POSITIVE_INFINITY;
    counts = { at, open: open + before.open, bytes: used + before.bytes, maxBytes: Math.min(maxBytes, ofRedis) };
  }

  const refuse = (message: string) => new CodedError('queue_full', message, { retryAfterSeconds: secondsUntilRoom() });

  return {
    async admit(bytes, submit) {
      const isFresh = counts && performance.now() - counts.at <= freshMs;
      if (!isFresh) {
        counting ??= count().finally(() => {
          counting = undefined;
        });
        await counting;
      }
      if (counts) {
        if (counts.open + 1 > maxDepth) throw refuse(`${maxDepth} jobs wait or run already. Try again later.`);
        if (counts.bytes + bytes > counts.maxBytes) throw refuse('The queue holds as much as it can. Try again later.');
        counts.open += 1;
        counts.bytes += bytes;
      }
      pending.open += 1;
      pending.bytes += bytes;
      try {
        return await submit();
      } finally {
        pending.open -= 1;
        pending.bytes -= bytes;
      }
    },
  };
}
