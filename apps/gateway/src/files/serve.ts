import { Worker } from 'node:worker_threads';
import { CodedError } from '@slipway/contract/problems';
import type { FileTask, FromChild } from './messages.ts';
import { frames } from './trace.ts';

export interface Readers {
  readDocument: (bytes: Uint8Array, hint: { name?: string; type?: string }) => Promise<string>;
  checkImage: (bytes: Uint8Array, pointer?: string) => Promise<unknown>;
}

/** Makes this process, forked by FileProcess, one that reads files: one after the other, until its parent is gone. */
export function serveFiles(readers: Readers): void {
  process.on('message', (task: FileTask) => void read(readers, task).then(send));
  process.on('disconnect', () => process.exit(0));
  watchParent();
  // the gateway alone decides when this process ends; a signal to the whole group must not cut a file off
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => {});
  send({ type: 'up' });
}

async function read({ readDocument, checkImage }: Readers, task: FileTask): Promise<FromChild> {
  try {
    // a Buffer comes as one, and pdf.js takes none
    const bytes = new Uint8Array(task.bytes.buffer, task.bytes.byteOffset, task.bytes.length);
    if (task.kind === 'document') return { type: 'done', text: await readDocument(bytes, hintOf(task)) };
    await checkImage(bytes, task.pointer);
    return { type: 'done', text: '' };
  } catch (error) {
    if (error instanceof CodedError)
      return { type: 'refused', code: error.code, message: error.message, faults: error.faults };
    const { name, code, stack }: NodeJS.ErrnoException = error instanceof Error ? error : new Error();
    return { type: 'failed', trace: { name, code, at: frames(stack) } };
  }
}

function hintOf({ name, type }: { name?: string | undefined; type?: string | undefined }) {
  return { ...(name !== undefined && { name }), ...(type !== undefined && { type }) };
}

function send(message: FromChild): void {
  process.send?.(message, () => {}); // a gateway that is gone needs no answer
}

/** While a parser blocks the event loop, `disconnect` is not heard; a thread of its own sees that the parent is gone. */
function watchParent(): void {
  const watch = `
    const parent = ${process.ppid};
    setInterval(() => process.ppid !== parent && process.kill(process.pid, 'SIGKILL'), 500);`;
  new Worker(watch, { eval: true, execArgv: [] }).unref();
}
