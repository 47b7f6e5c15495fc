import { endStates, type Job } from '@slipway/contract/jobs';
import type { TaskName } from '@slipway/contract/tasks';
import { createMerger } from './merge.ts';
import { insist } from './patience.ts';
import { sleep } from './sleep.ts';
import { type StreamEvent, type StreamSource, streamEvents } from './stream.ts';

export interface WaitOptions<T extends TaskName = TaskName> {
  /** Stops the wait (not the job); `wait` then throws the signal's reason. */
  signal?: AbortSignal | undefined;
  /**
   * Called with the job as first seen, and again when its state, position or progress has changed. Everything else in it
   * is as it was at the last look, until the job has ended.
   */
  onUpdate?: ((job: Job<T>) => void) | undefined;
  /** Longest pause between two looks where events can't be had, in milliseconds; 1000 by default. */
  everyMs?: number | undefined;
  /** How long the service may be out of reach before the wait gives up, in milliseconds; 30,000 by default. */
  outageMs?: number | undefined;
}

type Tell = (job: Job) => void;

/** First pause in milliseconds, and what each further one is multiplied by. */
const firstPauseMs = 300;
const slowdown = 1.2;

/**
 * Looks at a job, then follows its events until it has ended, whichever way; polls where events can't be had. Throws
 * what a look throws, outages only if they last.
 */
export async function waitForEnd(
  source: StreamSource,
  { signal, onUpdate, everyMs = 1000, outageMs }: WaitOptions,
): Promise<Job> {
  let seen = '';
  const tell = (job: Job) => {
    const news = JSON.stringify([job.state, job.position, job.progress]);
    if (news !== seen) onUpdate?.(job);
    seen = news;
  };
  const look = () => insist(() => source.look(signal), { signal, outageMs });

  const job = await look();
  tell(job);
  if (endStates.has(job.state)) return job;
  const events = streamEvents({ ...source, firstOutageMs: 0 }, { signal, outageMs });
  return (await follow(events, job, tell, signal)) ?? poll(look, tell, everyMs, signal);
}

/** The ended job; undefined where not even a first event came: polling works then, or says what is wrong. */
async function follow(
  events: AsyncIterable<StreamEvent>,
  looked: Job,
  tell: Tell,
  signal: AbortSignal | undefined,
): Promise<Job | undefined> {
  const merge = createMerger(looked);
  let heard = false;
  try {
    for await (const event of events) {
      heard = true;
      const job = merge(event);
      tell(job);
      if (event.type === 'done') return job;
    }
  } catch (error) {
    if (heard || signal?.aborted) throw error;
  }
  return undefined;
}

async function poll(look: () => Promise<Job>, tell: Tell, everyMs: number, signal: AbortSignal | undefined) {
  for (let pauseMs = firstPauseMs; ; pauseMs *= slowdown) {
    await sleep(Math.min(pauseMs, everyMs), signal);
    const job = await look();
    tell(job);
    if (endStates.has(job.state)) return job;
  }
}
