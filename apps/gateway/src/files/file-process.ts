import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { CodedError } from '@slipway/contract/problems';
import type { Log } from '@slipway/runtime/log';
import type { FileTask, FromChild } from './messages.ts';
import { frames } from './trace.ts';

/** Longest time that a new process may take until it can be given a file, in milliseconds. */
const startLimitMs = 10_000;
/** How often the memory of a working process is looked at, in milliseconds. */
const watchEveryMs = 100;
/** As much of the end of its standard error as is kept, in characters. */
const stderrLength = 8_192;

export interface FileProcessOptions {
  /** The file of child.ts, or of its bundle. */
  entry: string;
  log: Log;
  /** Longest time that one file may take, in milliseconds. */
  limitMs: number;
  /** Memory that the process may grow to, in bytes. */
  maxRssBytes: number;
  /** Called once, when the process is gone. */
  onEnd: () => void;
}

interface Work {
  task: FileTask;
  resolve: (text: string) => void;
  reject: (error: CodedError) => void;
}

/** One file process: reads one file at a time, and is killed over a file that passes its bounds. */
export class FileProcess {
  #options: FileProcessOptions;
  #child: ChildProcess;
  #up = false;
  #alive = true;
  #stderr = '';
  #work: Work | undefined;
  #clock: NodeJS.Timeout | undefined;
  #watch: NodeJS.Timeout | undefined;

  /** Throws where the system has no room for another process. */
  constructor(options: FileProcessOptions) {
    this.#options = options;
    // V8 adds at most some 200 MiB for young objects
    const heapMiB = Math.floor((options.maxRssBytes * 0.75) / 1024 ** 2);
    this.#child = fork(options.entry, [], {
      serialization: 'advanced', // bytes travel as bytes
      execArgv: [`--max-old-space-size=${heapMiB}`],
      env: {}, // what reads strangers' files is told no secrets
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child.on('message', (message: FromChild) => this.#receive(message));
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-stderrLength);
    });
    this.#child.on('error', (err) => options.log.error({ err }, 'file process'));
    // not `exit`: by now all that it said has been heard
    this.#child.once('close', (code, signal) => this.#ended(signal ?? `code ${code}`));
  }

  get alive(): boolean {
    return this.#alive;
  }

  /**
   * What earlier files left behind would be held against the next one. The largest images that are promised to be read
   * (maxAvifPixels) take up to three quarters of the bound.
   */
  get grown(): boolean {
    return (rssBytes(this.#child.pid) ?? 0) > this.#options.maxRssBytes / 4;
  }

  /**
   * The text of a document, or '' for an image that is well. Rejects with a CodedError: what the reader says of the
   * file, `invalid_input` where it passes a bound or ends the process, `internal` where it is not the file's doing.
   */
  read(task: FileTask): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#work = { task, resolve, reject };
      if (this.#up) this.#handOver(task);
      else this.#clock = setTimeout(() => this.#late(startLimitMs), startLimitMs);
    });
  }

  /** Ends the process and answers the file that it reads, if any, with `error`. */
  giveUp(error: CodedError): void {
    this.#settle()?.reject(error);
    this.end();
  }

  /** Ends the process, which reads nothing. */
  end(): void {
    this.#alive = false;
    this.#child.kill('SIGKILL');
  }

  #handOver(task: FileTask): void {
    const { limitMs } = this.#options;
    clearTimeout(this.#clock);
    this.#clock = setTimeout(() => this.#late(limitMs), limitMs);
    this.#watch = setInterval(() => this.#checkMemory(), watchEveryMs);
    this.#child.send(task, () => {}); // a process that is gone tells so by `close`
  }

  #receive(message: FromChild): void {
    if (message.type === 'up') {
      this.#up = true;
      if (this.#work) this.#handOver(this.#work.task);
      return;
    }
    const work = this.#settle();
    if (message.type === 'done') work?.resolve(message.text);
    else if (message.type === 'refused')
      work?.reject(new CodedError(message.code, message.message, { faults: message.faults }));
    else {
      this.#options.log.error({ trace: message.trace, ...about(work?.task) }, 'unexpected error in reading a file');
      work?.reject(new CodedError('internal', 'The file could not be read for a reason that the log tells.'));
    }
  }

  #late(limitMs: number): void {
    if (!this.#work) return;
    const message = this.#up ? 'a file took too long' : 'a file process did not start in time';
    this.#options.log.warn({ limitMs, ...about(this.#work.task) }, message);
    this.giveUp(this.#up ? tooLong(this.#work.task) : notStarted());
  }

  #checkMemory(): void {
    const rss = rssBytes(this.#child.pid) ?? 0;
    if (!this.#work || rss <= this.#options.maxRssBytes) return;
    this.#options.log.warn({ rssBytes: rss, ...about(this.#work.task) }, 'a file took too much memory');
    this.giveUp(tooMuch(this.#work.task));
  }

  #ended(how: string): void {
    this.#alive = false;
    const work = this.#settle();
    if (work) {
      // before a file was handed over, standard error can't quote one
      const why = this.#up ? { at: frames(this.#stderr) } : { stderr: this.#stderr };
      this.#options.log.error({ how, ...why, ...about(work.task) }, 'a file process ended');
      work.reject(this.#up ? this.#verdict(work.task, how) : notStarted());
    }
    this.#options.onEnd();
  }

  /** A SIGKILL that is not ours comes from a kernel out of memory, which takes it from the process that took most. */
  #verdict(task: FileTask, how: string): CodedError {
    const memory = how === 'SIGKILL' || /out of memory|bad_alloc|failed to allocate/i.test(this.#stderr);
    return memory ? tooMuch(task) : broken(task);
  }

  #settle(): Work | undefined {
    clearTimeout(this.#clock);
    clearInterval(this.#watch);
    const work = this.#work;
    this.#work = undefined;
    return work;
  }
}

/** Memory in use, in bytes; undefined on systems without /proc, where only V8's own heap limit holds. */
function rssBytes(pid: number | undefined): number | undefined {
  try {
    // not statm, which counts in pages of a size that Node does not tell; a read of /proc waits for no disk
    const kB = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
    return kB === undefined ? undefined : Number(kB) * 1024;
  } catch {
    return undefined;
  }
}

const about = (task: FileTask | undefined) => ({ kind: task?.kind, bytes: task?.bytes.length });

const tooLong = (task: FileTask) => refusal(task, 'takes too long to read; send a smaller or simpler one');
const tooMuch = (task: FileTask) => refusal(task, 'needs too much memory to read; send a smaller or simpler one');
const broken = (task: FileTask) => refusal(task, 'cannot be read: its reader broke down over it, so it must be broken');
const notStarted = () => new CodedError('internal', 'The process that reads files did not start; the log tells why.');

function refusal(task: FileTask, message: string): CodedError {
  const [subject, pointer] = task.kind === 'document' ? ['file', '/file'] : ['image', task.pointer];
  return new CodedError('invalid_input', `The ${subject} ${message}.`, { faults: [{ pointer, message }] });
}
