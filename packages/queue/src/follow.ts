import type { JobEvent } from '@slipway/contract/events';
import { endStates, type Job } from '@slipway/contract/jobs';
import { readEvents } from './events.ts';
import { getJob, type ViewOptions } from './inspect.ts';
import type { Queues } from './queues.ts';
import type { Watcher } from './watch.ts';

/** With no news for this long the job itself is looked at, in milliseconds: Pub/Sub may lose a message. */
const lookAnywayMs = 5_000;

/** What is told to one who follows a job. */
export type News =
  /** A job that waits, at first and whenever its place has changed; one that ended before it ran. */
  | { type: 'job'; job: Job }
  | { type: 'event'; id: string; event: JobEvent }
  /** Nothing for a while. */
  | { type: 'silence' }
  /** The job as it has ended; nothing comes after it. */
  | { type: 'end'; job: Job };

export interface Followers {
  queues: Queues;
  watcher: Watcher;
}

/**
 * Follows a job from an event on (`after` excluded; undefined for everything) until it has ended. Ends with the job, or
 * early, without it, when the signal is aborted. Throws CodedError `job_not_found` or `queue_unavailable`.
 */
export async function* followJob(
  { queues, watcher }: Followers,
  id: string,
  after: string | undefined,
  signal: AbortSignal,
  view: ViewOptions = {},
): AsyncGenerator<News> {
  const watch = watcher.watch(id);
  let cursor = after ?? '0';
  let told: number | undefined;
  /** True where the place of a job that waits is news. */
  const hasMoved = ({ state, position = 0 }: Job) => {
    const moved = state === 'queued' && told !== position;
    told = state === 'queued' ? position : undefined;
    return moved;
  };
  try {
    let job = await getJob(queues, id, view);
    let isFirstLook = after === undefined;
    if (hasMoved(job)) yield { type: 'job', job };
    while (!signal.aborted) {
      // after the job, so that of one that has ended no event is missed
      const events = await readEvents(queues, id, cursor);
      // one that runs tells its state by its first event; of one that ended before it ran, who comes anew learns it here
      if (isFirstLook && events.length === 0 && endStates.has(job.state)) yield { type: 'job', job };
      isFirstLook = false;
      for (const { id: eventId, event } of events) {
        cursor = eventId;
        yield { type: 'event', id: eventId, event };
      }
      if (endStates.has(job.state)) {
        yield { type: 'end', job };
        return;
      }
      const stateIsNew = events.some(({ event }) => event.type === 'state');
      const hasEnded = events.some(({ event }) => event.type === 'state' && endStates.has(event.state));
      if (!hasEnded) {
        const waitedSince = performance.now();
        await watch.news(lookAnywayMs, signal);
        const silent = performance.now() - waitedSince >= lookAnywayMs;
        if (silent) yield { type: 'silence' };
        else if (job.state === 'running' && !stateIsNew) continue;
      }
      job = await getJob(queues, id, view);
      if (hasMoved(job)) yield { type: 'job', job };
    }
  } finally {
    watch.stop();
  }
}
