import { endStates, type Job } from '@slipway/contract/jobs';
import type { TaskName } from '@slipway/contract/tasks';
import type { LookOptions, Seen } from './look.ts';
import { createMerger } from './merge.ts';
import { insist, type OnRetry } from './patience.ts';
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
  /** Called with each event, text among them; never where events can't be had. */
  onEvent?: ((event: StreamEvent<T>) => void) | undefined;
  /**
   * Longest pause between two looks where events can't be had and the service does not hold its answer until there is
   * news, in milliseconds; 1000 by default.
   */
  everyMs?: number | undefined;
  /** How long the service may be out of reach before the wait gives up, in milliseconds; 30,000 by default. */
  outageMs?: number | undefined;
}

export interface WaitSource extends StreamSource {
  onRetry?: OnRetry | undefined;
}

type Tell = (job: Job) => void;
type Look = (options: LookOptions) => Promise<Seen>;

/** First pause in milliseconds, and what each further one is multiplied by. */
const firstPauseMs = 300;
const slowdown = 1.2;
/** How long the service may hold its answer, in seconds: less than the shortest that proxies are known to bear. */
const longPollSeconds = 25;

/**
 * Looks at a job, then follows its events until it has ended, whichever way; asks for its next change, over and over,
 * where events can't be had. Throws what a look throws, outages only if they last.
 */
export async function waitForEnd(
  source: WaitSource,
  { signal, onUpdate, onEvent, everyMs = 1000, outageMs }: WaitOptions,
): Promise<Job> {
  let told = '';
  const tell = (job: Job) => {
    const news = JSON.stringify([job.state, job.position, job.progress]);
    if (news !== told) onUpdate?.(job);
    told = news;
  };
  let mayHold = true;
  const look: Look = ({ last, waitSeconds }) =>
    insist(
      async () => {
        try {
          return await source.look({ signal, last, waitSeconds: mayHold ? waitSeconds : undefined });
        } catch (error) {
          mayHold = false; // something on the way may cut what takes long
          throw error;
        }
      },
      { signal, outageMs },
      { onRetry: source.onRetry },
    );

  const seen = await look({});
  tell(seen.job);
  if (endStates.has(seen.job.state)) return seen.job;
  const events = streamEvents({ ...source, firstOutageMs: 0 }, { signal, outageMs });
  return (await follow(events, seen.job, tell, onEvent, signal)) ?? poll(look, seen, tell, everyMs, signal);
}

/** The ended job; undefined where not even a first event came: polling works then, or says what is wrong. */
async function follow(
  events: AsyncIterable<StreamEvent>,
  looked: Job,
  tell: Tell,
  onEvent: WaitOptions['onEvent'],
  signal: AbortSignal | undefined,
): Promise<Job | undefined> {
  const merge = createMerger(looked);
  let heard = false;
  try {
    for await (const event of events) {
      heard = true;
      onEvent?.(event);
      const job = merge(event);
      tell(job);
      if (event.type === 'done') return job;
    }
  } catch (error) {
    if (heard || signal?.aborted) throw error;
  }
  return undefined;
}

async function poll(look: Look, first: Seen, tell: Tell, everyMs: number, signal: AbortSignal | undefined) {
  let last = first;
  let pauseMs = firstPauseMs;
  for (;;) {
    const since = performance.now();
    const next = await look({ last, waitSeconds: longPollSeconds });
    tell(next.job);
    if (endStates.has(next.job.state)) return next.job;
    // an answer that was held for long needs no pause; one that came at once without news was not held
    const leftMs = Math.min(pauseMs, everyMs) - (performance.now() - since);
    pauseMs = JSON.stringify(next.job) === JSON.stringify(last.job) ? pauseMs * slowdown : firstPauseMs;
    last = next;
    if (leftMs > 0) await sleep(leftMs, signal);
  }
}
