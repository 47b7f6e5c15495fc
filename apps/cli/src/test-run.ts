import { createClient } from '@slipway/client/client';
import { run } from './program.ts';
import { readLocalFile } from './read-file.ts';
import type { Surroundings } from './surroundings.ts';
import { type Answer, serve } from './test-service.ts';

interface Given {
  /** What comes through the pipe; undefined for a terminal. */
  stdin?: string | Uint8Array<ArrayBuffer> | ((interrupt: () => void) => AsyncIterable<Uint8Array>);
  /** True where somebody watches: both outputs are terminals. */
  terminal?: boolean;
  /** Called with what interrupts the program, as Ctrl-C does, each time that something was written to standard error. */
  onStderr?: (text: string, interrupt: () => void) => void;
  apiKey?: string;
}

/** Runs the program in this process against a service that gives these answers. */
export async function runAgainst(answers: Record<string, Answer | Answer[]>, args: string[], given: Given = {}) {
  const service = await serve(answers);
  const { stdin, terminal = false, onStderr, apiKey } = given;
  const interrupts = new Set<() => void>();
  const interrupt = () => {
    for (const callback of interrupts) callback();
  };
  let stdout = '';
  let stderr = '';
  const surroundings: Surroundings = {
    stdin: Object.assign(typeof stdin === 'function' ? stdin(interrupt) : pipe(stdin ?? ''), {
      isTTY: stdin === undefined,
    }),
    stdout: {
      isTTY: terminal,
      columns: 80,
      write(text) {
        stdout += text;
      },
    },
    stderr: {
      isTTY: terminal,
      columns: 80,
      write(text) {
        stderr += text;
        onStderr?.(text, interrupt);
      },
    },
    defaults: { url: service.url, apiKey },
    createClient,
    readFile: readLocalFile,
    onInterrupt(callback) {
      interrupts.add(callback);
      return () => interrupts.delete(callback);
    },
  };
  try {
    const code = await run(args, surroundings);
    return { code, stdout, stderr, had: service.had, interrupts: interrupts.size };
  } finally {
    service.close();
  }
}

async function* pipe(content: string | Uint8Array<ArrayBuffer>) {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  for (let at = 0; at < bytes.length; at += 3) yield bytes.subarray(at, at + 3);
}
