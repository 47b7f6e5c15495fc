import { endStates, type Job } from '@slipway/contract/jobs';
import type { TaskName } from '@slipway/contract/tasks';
import { isOutage } from './errors.ts';

export interface WaitOptions<T extends TaskName = TaskName> {
  /** Stops the wait (not the job); `wait` then throws the signal's reason. */
  signal?: AbortSignal | undefined;
  /** Called with the job as first seen, and again when its state, position or progress has changed. */
  onUpdate?: ((job: Job<T>) => void) | undefined;
  /** Longest pause between two looks, in milliseconds; 1000 by default. The first pauses are shorter. */
  everyMs?: number | undefined;
  /** How long the service may be out of reach before the wait gives up, in milliseconds; 30,000 by default. */
  outageMs?: number | undefined;
}

/** First pause in milliseconds, and what each further one is multiplied by. */
const firstPauseMs = 300;
const slowdown = 1.2;

/** Looks at a job with `look` until it has ended, whichever way. Throws what `look` throws, outages only if they last. */
export async function waitForEnd<T extends TaskName>(
  look: (signal: AbortSignal | undefined) => Promise<Job<T>>,
  { signal, onUpdate, everyMs = 1000, outageMs = 30_000 }: WaitOptions<T>,
): Promise<Job<T>> {
  let pauseMs = firstPauseMs;
  let seen = '';
  let outageSince: number | undefined;
  for (;;) {
    try {
      const job = await look(signal);
      outageSince = undefined;
      const news = JSON.stringify([job.state, job.position, job.progress]);
      if (news !== seen) onUpdate?.(job);
      seen = news;
      if (endStates.has(job.state)) return job;
    } catch (error) {
      if (!isOutage(error)) throw error;
      outageSince ??= performance.now();
      if (performance.now() - outageSince >= outageMs) throw error;
    }
    await sleep(Math.min(pauseMs, everyMs), signal);
    pauseMs = Math.min(pauseMs * slowdown, everyMs);
  }
}

function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal?.addEventListener('abort', stop, { once: true });
  });
}
