import { endStates, type Job } from '@slipway/contract/jobs';
import type { Followers } from './follow.ts';
import { getJob, type ViewOptions } from './inspect.ts';

/** With no news for this long the job itself is looked at: Pub/Sub may lose a message, and the place in line tells none. */
const lookAnywayMs = 5_000;

export interface WaitOptions extends ViewOptions {
  /** Longest wait, in milliseconds. */
  ms: number;
  signal: AbortSignal;
  /** What is waited for, besides the end. */
  until?: (job: Job) => boolean;
}

/**
 * The job as soon as it has ended or is as it is waited for; as it is then, when the time is over or the signal aborted.
 * Throws CodedError `job_not_found` or `queue_unavailable`.
 */
export async function waitForJob({ queues, watcher }: Followers, id: string, options: WaitOptions): Promise<Job> {
  const { ms, signal, until = () => false } = options;
  const endAt = performance.now() + ms;
  const watch = watcher.watch(id);
  try {
    for (;;) {
      const job = await getJob(queues, id, options);
      const leftMs = endAt - performance.now();
      if (endStates.has(job.state) || until(job) || leftMs <= 0 || signal.aborted) return job;
      await watch.news(Math.min(leftMs, lookAnywayMs), signal);
    }
  } finally {
    watch.stop();
  }
}
