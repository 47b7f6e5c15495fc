import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Dtype } from '@slipway/contract/engines';
import type { ModelTaskName } from '@slipway/contract/tasks';
import { modelFiles } from './files.ts';
import { type Patience, usualPatience } from './patience.ts';

/** Files of a model for tests of the store, which does not look into them: the same bytes each time. */
export function testFiles(task: ModelTaskName, dtype: Dtype, weightBytes = 300_000): Record<string, Buffer> {
  const { required, optional } = modelFiles(task, dtype);
  const entries = [...required, ...optional].map((file) => {
    const bytes = file.endsWith('.onnx') ? weightBytes : 1_000 + file.length;
    return [file, Buffer.alloc(bytes, createHash('sha256').update(file).digest())] as const;
  });
  return Object.fromEntries(entries);
}

/** Never waits, but notes how long it was to wait. */
export function noPatience(changes: Partial<Patience> = {}): Patience & { slept: number[] } {
  const slept: number[] = [];
  const sleep = async (ms: number, signal: AbortSignal) => {
    slept.push(ms);
    await new Promise(setImmediate);
    signal.throwIfAborted();
  };
  return { ...usualPatience, sleep, ...changes, slept };
}

/** Waits until the one part folder beside `target` has so many bytes of a file. */
export async function untilOnDisk(target: string, file: string, bytes: number): Promise<void> {
  for (;;) {
    const parent = path.dirname(target);
    const names = await readdir(parent).catch(() => [] as string[]);
    const parts = names.filter((name) => name.startsWith('.part-')).map((name) => path.join(parent, name, file));
    const sizes = await Promise.all(
      parts.map((part) =>
        stat(part)
          .then(({ size }) => size)
          .catch(() => 0),
      ),
    );
    if (sizes.some((size) => size >= bytes)) return;
    await new Promise(setImmediate);
  }
}
