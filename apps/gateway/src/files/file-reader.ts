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
  /** A process that had nothing to read for so long is ended, in milliseconds. */
  idleMs?: number;
}

export interface FileReader {
  /** The text of a document. Throws its faults at `/file`: `invalid_input` or `unsupported_media_type`. */
  readDocument(file: { bytes: Uint8Array; name?: string; type?: string }): Promise<string>;
  /** Throws `invalid_input` or `unsupported_media_type` with a fault at `pointer` where no image can be had of it. */
  checkImage(bytes: Uint8Array, pointer: string): Promise<void>;
  /** Kills every process; what is being read or waits is rejected with `queue_unavailable`. */
  close(): void;
}

interface Waiting {
  task: FileTask;
  resolve: (text: string) => void;
  reject: (error: CodedError) => void;
}

/**
 * Reads files in child processes, within bounds of time and memory, so that no file holds up or ends the gateway.
 * Processes are started by demand and kept for the next file. Rejects with CodedErrors only; `queue_unavailable` where
 * too many wait.
 *
 * Not tinypool or piscina: tinypool's child processes come from a file beside the library, which a bundle has not; it
 * compares the JavaScript heap alone with its bound, after the task; and it does not tell which process has which task.
 * Piscina knows threads only, whose native memory nothing bounds.
 */
export function createFileReader(options: FileReaderOptions): FileReader {
  const { log, entry = defaultEntry(), processes = 2, maxWaiting = 32, idleMs = 60_000 } = options;
  const { limitMs = 20_000, maxRssBytes = 512 * 1024 ** 2 } = options;
  const all = new Set<FileProcess>();
  /** The last one used is used next, so that the others can be ended. */
  const idle: { process: FileProcess; timer: NodeJS.Timeout }[] = [];
  const waiting: Waiting[] = [];
  let closed = false;

  function read(task: FileTask): Promise<string> {
    const free = idle.length > 0 || all.size < processes;
    if (closed) return Promise.reject(stopping());
    if (!free && waiting.length >= maxWaiting) return Promise.reject(overloaded());
    return new Promise((resolve, reject) => {
      waiting.push({ task, resolve, reject });
      handOut();
    });
  }

  function handOut(): void {
    while (waiting.length > 0 && (idle.length > 0 || all.size < processes)) {
      const { task, resolve, reject } = waiting.shift() as Waiting;
      const process = takeIdle() ?? start(reject);
      void process
        ?.read(task)
        .finally(() => release(process)) // first, so that the caller's next file finds it free
        .then(resolve, reject);
    }
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
    readDocument: ({ bytes, name, type }) => read({ kind: 'document', bytes, name, type }),
    async checkImage(bytes, pointer) {
      await read({ kind: 'image', bytes, pointer });
    },
    close() {
      closed = true;
      for (const { reject } of waiting.splice(0)) reject(stopping());
      for (const process of all) process.giveUp(stopping());
    },
  };
}

/** The bundle keeps the folders of its entries, but this file becomes part of main.js. */
function defaultEntry(): string {
  const file = import.meta.url.endsWith('.ts') ? './child.ts' : './files/child.js';
  return fileURLToPath(new URL(file, import.meta.url));
}

const stopping = () => new CodedError('queue_unavailable', 'The gateway stops. Try again in a moment.');
const overloaded = () => new CodedError('queue_unavailable', 'Too many files wait to be read. Try again in a moment.');
