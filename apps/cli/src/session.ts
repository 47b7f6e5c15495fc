import type { Client } from '@slipway/client/client';
import type { ReadOptions } from '@slipway/client/patience';
import { LeftError, UsageError } from './failure.ts';
import type { Surroundings } from './surroundings.ts';
import { harmless, span } from './words.ts';

/** The flags that every command has. */
export interface GlobalFlags {
  url: string;
  apiKey?: string;
  json?: boolean;
  /** Milliseconds. */
  patience: number;
}

/** One run of the program, as its commands see it. */
export interface Session {
  client: Client;
  /** Goes with every call: ends it on Ctrl-C, and says how long to bear with an outage. */
  reading: ReadOptions;
  json: boolean;
  surroundings: Surroundings;
  /** Prints text, or with --json the value in its place. */
  print(value: unknown, text: () => string): void;
  note(sentence: string): void;
  /** From now on the first Ctrl-C does this, and only the next one leaves. */
  onFirstInterrupt(ask: () => Promise<unknown>): void;
  /** What comes of it, unless Ctrl-C comes first. */
  unlessLeft<T>(work: Promise<T>): Promise<T>;
  close(): void;
}

/** Throws UsageError for an address or a key that no request can be made with. */
export function openSession({ url, apiKey, json = false, patience }: GlobalFlags, surroundings: Surroundings): Session {
  if (!/^https?:\/\/./.test(url) || !URL.canParse(url))
    throw new UsageError('The address of the service must begin with http:// or https://: see --url and SLIPWAY_URL.');
  if (apiKey !== undefined && !/^[\x21-\x7e]+$/.test(apiKey))
    throw new UsageError('The API key has characters that no key has: see --api-key and SLIPWAY_API_KEY.');
  const { stdout, stderr } = surroundings;
  const leave = new AbortController();
  let ask: (() => Promise<unknown>) | undefined;
  const stop = surroundings.onInterrupt(() => {
    if (!ask) return leave.abort(new LeftError('Left.'));
    const asking = ask();
    ask = undefined;
    asking.catch((error: unknown) => leave.abort(error));
  });
  const left = new Promise<never>((_, reject) => {
    leave.signal.addEventListener('abort', () => reject(leave.signal.reason));
  });
  left.catch(() => {}); // most of the time nobody waits for it
  let complained = false;
  const note = (sentence: string) => void stderr.write(`${harmless(sentence)}\n`);
  const onRetry = (error: Error, pauseMs: number) => {
    if (!complained || pauseMs > 5_000)
      note(`${error.message} Trying again ${pauseMs < 500 ? 'at once' : `in ${span(pauseMs)}`}.`);
    complained = true;
  };
  return {
    client: surroundings.createClient({ baseUrl: url, apiKey, onRetry }),
    reading: { signal: leave.signal, outageMs: patience },
    json,
    surroundings,
    print: (value, text) => void stdout.write(json ? `${JSON.stringify(value)}\n` : text()),
    note,
    onFirstInterrupt(first) {
      ask = first;
    },
    unlessLeft: (work) => Promise.race([work, left]),
    close: stop,
  };
}
