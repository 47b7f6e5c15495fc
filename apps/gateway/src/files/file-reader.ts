import { fileURLToPath } from 'node:url';
import { CodedError } from '@slipway/contract/problems';
import type { Log } from '@slipway/runtime/log';
import { FileProcess } from './file-process.ts';
import type { FileTask } from './messages.ts';

export interface FileReaderOptions {
  log: Log;
  /** The file of child.ts, or of its bundle. */
  entry?: string;
  /** Most files that are read at once, each in a process of its own. */
  processes?: number;
  /** Longest time that one file may take, in milliseconds. */
  limitMs?: number;
  /** Memory that a process may grow to over a file, in bytes. */
  maxRssBytes?: number;
  /** Most files that wait for a process; they stand in the gateway's memory meanwhile. */
  maxWaiting?: number;
  /**
   * Longest wait for a process, in milliseconds. With the start of one and the reading it stays below the 60 s after
   * which nginx answers for us: a caller who tries again must not find that the first try made a job too.
   */
  waitMs?: number;
  /** A process that had nothing to read for so long is ended, in milliseconds. */
  idleMs?: number;
}

/**
 * Both throw `too_many_uploads` where too many wait or the wait is too long, and `invalid_request` when `signal` says
 * that the caller has gone: what waits leaves the line, what is being read is given up.
 */
export interface FileReader {
  /** The text of a document. Throws its faults at `/file`: `invalid_input` or `unsupported_media_type`. */
  readDocument(file: { bytes: Uint8Array; name?: string; type?: string }, signal?: AbortSignal): Promise<string>;
  /** Throws `invalid_input` or `unsupported_media_type` with a fault at `pointer` where no image can be had of it. */
  checkImage(bytes: Uint8Array, pointer: string, signal?: AbortSignal): Promise<void>;
  /** Kills every process; what is being read or waits is rejected with `upstream_unavailable`. */
  close(): void;
}

interface Waiting {
  task: FileTask;
  signal: AbortSignal | undefined;
  resolve: (text: string) => void;
  reject: (error: CodedError) => void;
  /** It no longer waits: ends the clock and the look at the signal. */
  leave: () => void;
}

/**
 * Reads files in child processes, within bounds of time and memory, so that no file holds up or ends the gateway.
 * Processes are started by demand and kept for the next file. Rejects with CodedErrors only.
 *
 * Not tinypool or piscina: tinypool's child processes come from a file beside the library, which a bundle has not; it
 * compares the JavaScript heap alone with its bound, after the task; and it does not tell which process has which task.
 * Piscina knows threads only, whose native memory nothing bounds.
 */
export function createFileReader(options: FileReaderOptions): FileReader {
  const { log, entry = defaultEntry(), processes = 2, idleMs = 60_000 } = options;
  const { maxWaiting = 32, waitMs = 25_000, limitMs = 20_000, maxRssBytes = 512 * 1024 ** 2 } = options;
  const all = new Set<FileProcess>();
  /** The last one used is used next, so that the others can be ended. */
  const idle: { process: FileProcess; timer: NodeJS.Timeout }[] = [];
  const waiting: Waiting[] = [];
  let closed = false;

  function read(task: FileTask, signal: AbortSignal | undefined): Promise<string> {
    const free = idle.length > 0 || all.size < processes;
    if (closed) return Promise.reject(stopping());
    if (signal?.aborted) return Promise.reject(callerGone());
    if (!free && waiting.length >= maxWaiting) return Promise.reject(tooMany(limitMs));
    return new Promise((resolve, reject) => {
      const onAbort = () => turnAway(place, callerGone());
      const clock = setTimeout(() => turnAway(place, tooMany(limitMs)), waitMs);
      signal?.addEventListener('abort', onAbort);
      const leave = () => {
        clearTimeout(clock);
        signal?.removeEventListener('abort', onAbort);
      };
      const place: Waiting = { task, signal, resolve, reject, leave };
      waiting.push(place);
      handOut();
    });
  }

  function turnAway(place: Waiting, error: CodedError): void {
    waiting.splice(waiting.indexOf(place), 1);
    place.leave();
    place.reject(error);
  }

  function handOut(): void {
    while (waiting.length > 0 && (idle.length > 0 || all.size < processes)) {
      const place = waiting.shift() as Waiting;
      place.leave();
      const process = takeIdle() ?? start(place.reject);
      if (process) handTo(process, place);
    }
  }

  function handTo(process: FileProcess, { task, signal, resolve, reject }: Waiting): void {
    const onAbort = () => process.giveUp(callerGone());
    signal?.addEventListener('abort', onAbort);
    void process
      .read(task)
      .finally(() => {
        signal?.removeEventListener('abort', onAbort); // the process may read another's file next
        release(process); // before the answer, so that the caller's next file finds it free
      })
      .then(resolve, reject);
  }

  function start(reject: (error: CodedError) => void): FileProcess | undefined {
    try {
      const process: FileProcess = new FileProcess({ entry, log, limitMs, maxRssBytes, onEnd: () => forget(process) });
      all.add(process);
      return process;
    } catch (err) {
      log.error({ err }, 'a file process cannot be started');
      reject(new CodedError('internal', 'The process that reads files did not start; the log tells why.'));
      return undefined;
    }
  }

  function takeIdle(): FileProcess | undefined {
    const last = idle.pop();
    clearTimeout(last?.timer);
    return last?.process;
  }

  function release(process: FileProcess): void {
    if (!process.alive) return; // `forget` follows, or was
    if (process.grown) {
      process.end();
      return;
    }
    const timer = setTimeout(() => {
      leaveIdle(process);
      process.end();
    }, idleMs);
    idle.push({ process, timer: timer.unref() });
    handOut();
  }

  function leaveIdle(process: FileProcess): void {
    const at = idle.findIndex((each) => each.process === process);
    if (at < 0) return;
    clearTimeout(idle[at]?.timer);
    idle.splice(at, 1);
  }

  function forget(process: FileProcess): void {
    leaveIdle(process);
    all.delete(process);
    handOut();
  }

  return {
    readDocument: ({ bytes, name, type }, signal) => read({ kind: 'document', bytes, name, type }, signal),
    async checkImage(bytes, pointer, signal) {
      await read({ kind: 'image', bytes, pointer }, signal);
    },
    close() {
      closed = true;
      for (const place of [...waiting]) turnAway(place, stopping());
      for (const process of all) process.giveUp(stopping());
    },
  };
}

/** The bundle keeps the folders of its entries, but this file becomes part of main.js. */
function defaultEntry(): string {
  const file = import.meta.url.endsWith('.ts') ? './child.ts' : './files/child.js';
  return fileURLToPath(new URL(file, import.meta.url));
}

/** As nginx says it of a gateway that restarts: the queue has no part in it. */
const stopping = () =>
  new CodedError('upstream_unavailable', 'The gateway stops. Try again in a moment.', { retryAfterSeconds: 2 });
/** Nobody hears it; it keeps a job from being made. */
const callerGone = () => new CodedError('invalid_request', 'The caller went away before the file was read.');

/** By `limitMs` from now, whatever is being read has ended. */
function tooMany(limitMs: number): CodedError {
  const retryAfterSeconds = Math.ceil(limitMs / 1000);
  const message = `Too many files wait to be read. Nothing was submitted; try again in ${retryAfterSeconds} s.`;
  return new CodedError('too_many_uploads', message, { retryAfterSeconds });
}
