import { type JobEvent, streamEventSchema } from '@slipway/contract/events';
import { endStates, type Job } from '@slipway/contract/jobs';
import type { TaskName } from '@slipway/contract/tasks';
import type { EventSourceMessage } from 'eventsource-parser';
import { eventAnswer } from './answers.ts';
import { listen } from './connection.ts';
import { UnreachableError } from './errors.ts';
import type { LookOptions, Seen } from './look.ts';
import { backOff, createPatience, defaultOutageMs, type ReadOptions } from './patience.ts';
import { type Fetch, parseJson } from './request.ts';
import { sleep } from './sleep.ts';

/**
 * What happens to a job; `done` is the last and carries the job with its output or error. `id` is what a later `stream`
 * can resume after; a `state` without one is about a job that waits, or the first word of a new stream.
 */
export type StreamEvent<T extends TaskName = TaskName> = (JobEvent | { type: 'done'; job: Job<T> }) & {
  id?: string | undefined;
};

export interface StreamOptions extends ReadOptions {
  /** The id of the last event had, to get only what came after it. */
  lastEventId?: string | undefined;
}

/** The service's end of a stream, and how long it may be silent. */
export interface StreamSource {
  send: Fetch;
  url: string;
  /** Reads the job, for a service that has nothing left to tell. */
  look: (options: LookOptions) => Promise<Seen>;
  /** Longest time to the first byte of a connection, in milliseconds; 15,000 by default. */
  firstByteMs?: number | undefined;
  /** Longest time between two signs of life, in milliseconds; 45,000 by default, three heartbeats. */
  silenceMs?: number | undefined;
  /** `outageMs` for the time before the first sign of life, where it differs. */
  firstOutageMs?: number | undefined;
}

/** Pause after a cut in milliseconds, until the service names one. */
const defaultRetryMs = 1_000;

/**
 * Tells a job's events until `done`, each once, over as many connections as it takes: one that was cut or fell silent is
 * replaced by one that goes on after the last event had. Throws ProblemError, UnreachableError where an outage lasts,
 * and the signal's reason.
 */
export async function* streamEvents(
  source: StreamSource,
  { signal, lastEventId, outageMs = defaultOutageMs }: StreamOptions,
): AsyncGenerator<StreamEvent, void, undefined> {
  const { send, url, look, firstByteMs = 15_000, silenceMs = 45_000, firstOutageMs = outageMs } = source;
  const memory = createMemory(lastEventId);
  let pauseAfter = createPatience(firstOutageMs);
  let retryMs = defaultRetryMs;
  let failures = 0;
  for (;;) {
    try {
      for await (const heard of listen(send, url, { after: memory.after(), signal, firstByteMs, silenceMs })) {
        if (heard.nothingLeft) {
          yield await readEnd(look, signal);
          return;
        }
        pauseAfter = createPatience(outageMs);
        failures = 0;
        retryMs = heard.retryMs ?? retryMs;
        for (const message of heard.messages) {
          const event = memory.take(message);
          if (event) yield event;
          if (event?.type === 'done') return;
        }
      }
      throw new UnreachableError('The stream of events was cut.');
    } catch (error) {
      failures++;
      await sleep(pauseAfter(error, backOff(failures, retryMs)), signal);
    }
  }
}

const knownTypes: ReadonlySet<unknown> = new Set(streamEventSchema.options.map(({ shape }) => shape.type.value));

/** Knows what was told, over all connections. */
function createMemory(lastEventId: string | undefined) {
  let after = lastEventId;
  let told = after !== undefined;
  let lastState = '';

  return {
    /** The id of the last event had. */
    after: () => after,
    /** The event in a message; undefined for one that tells nothing new, or whose type a newer service has. */
    take({ id, event: type, data }: EventSourceMessage): StreamEvent | undefined {
      after = id ?? after;
      if (!knownTypes.has(type)) return undefined;
      const event = readEvent(data);
      if (event.type === 'state') {
        const state = JSON.stringify([event.state, event.position, event.attempt]);
        // each connection begins with such a state; but text is appended to what came since the last state, so that of a
        // job that runs must not be told between two pieces of it. What it says comes with an id as well.
        if (id === undefined && told && (event.state !== 'queued' || state === lastState)) return undefined;
        lastState = state;
      }
      told = true;
      return { ...event, id };
    },
  };
}

function readEvent(data: string): StreamEvent {
  const event = eventAnswer.safeParse(parseJson(data));
  if (event.success) return event.data;
  throw new UnreachableError('The stream of events is not one of the service.', { status: 200, cause: event.error });
}

async function readEnd(look: StreamSource['look'], signal: AbortSignal | undefined): Promise<StreamEvent> {
  const { job } = await look({ signal });
  if (endStates.has(job.state)) return { type: 'done', job };
  throw new UnreachableError('The service has nothing left to tell of a job that has not ended.');
}
