import type { Client, ClientOptions } from '@slipway/client/client';

/** Where something is written: a terminal, a pipe or a file. */
export interface Output {
  write(text: string): unknown;
  isTTY?: boolean | undefined;
  /** Width of the terminal in characters. */
  columns?: number | undefined;
}

/** All that the program has of the world around it. */
export interface Surroundings {
  stdin: AsyncIterable<Uint8Array> & { isTTY?: boolean | undefined };
  stdout: Output;
  stderr: Output;
  defaults: { url: string; apiKey: string | undefined };
  createClient: (options: ClientOptions) => Client;
  /** The file's bytes under its own name. */
  readFile: (path: string) => Promise<File>;
  /** Calls back on each Ctrl-C, until the returned function is called. */
  onInterrupt: (callback: () => void) => () => void;
}
