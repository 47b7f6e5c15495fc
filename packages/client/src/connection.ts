import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { ProblemError, UnreachableError } from './errors.ts';
import { errorOf, type Fetch } from './request.ts';

/** What one read of a connection brought. Any bytes count, for a comment is a sign of life too. */
export interface Heard {
  messages: EventSourceMessage[];
  /** How long the service wants to be left alone after a cut, in milliseconds, where it said so. */
  retryMs?: number | undefined;
  /** True for a 204: everything was had before. */
  nothingLeft?: true;
}

export interface ConnectionSettings {
  /** The id of the last event had; undefined for all of them. */
  after: string | undefined;
  signal: AbortSignal | undefined;
  /** Longest time from the request to the first byte of the stream, in milliseconds. */
  firstByteMs: number;
  /** Longest time between two reads, in milliseconds; it does not run while the caller is busy with what was read. */
  silenceMs: number;
}

/**
 * Reads server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html) from one connection until it
 * ends, and ends it when the caller leaves the loop. An event that was cut in the middle is not passed on. Throws
 * ProblemError or UnreachableError, and the signal's own reason.
 */
export async function* listen(
  send: Fetch,
  url: string,
  { after, signal, firstByteMs, silenceMs }: ConnectionSettings,
): AsyncGenerator<Heard, void, undefined> {
  signal?.throwIfAborted();
  const stop = new AbortController();
  const either = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  let timer = setTimeout(() => stop.abort(), firstByteMs);
  try {
    const headers = { Accept: 'text/event-stream', ...(after !== undefined && { 'Last-Event-ID': after }) };
    const response = await send(url, { headers, cache: 'no-store', signal: either });
    if (response.status === 204) {
      yield { messages: [], nothingLeft: true };
      return;
    }
    const type = response.headers.get('content-type');
    if (!response.ok || !response.body || !type?.startsWith('text/event-stream'))
      throw errorOf(response, await response.text());

    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    let heard: Heard = { messages: [] };
    const parser = createParser({
      onEvent: (message) => heard.messages.push(message),
      onRetry: (ms) => {
        heard.retryMs = ms;
      },
    });
    for (;;) {
      const { done, value } = await reader.read();
      clearTimeout(timer);
      if (done) break;
      parser.feed(decoder.decode(value, { stream: true }));
      yield heard;
      heard = { messages: [] };
      timer = setTimeout(() => stop.abort(), silenceMs);
    }
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof ProblemError || cause instanceof UnreachableError) throw cause;
    const what = stop.signal.aborted ? 'fell silent' : 'was cut';
    throw new UnreachableError(`The stream of events ${what}.`, { cause });
  } finally {
    clearTimeout(timer);
    stop.abort();
  }
}
