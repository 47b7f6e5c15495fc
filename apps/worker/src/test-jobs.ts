/** What the tests of the pool and of its processes share. */
import type { Listener } from './inference-process.ts';
import type { ChildJob } from './messages.ts';

export const never = new AbortController().signal;
export const deaf: Listener = { started: () => {}, report: () => {}, output: () => {}, log: () => {} };

/** A job of which test-child.ts says nothing. */
export const silentJob = (id: string, shares = false): ChildJob => ({
  id,
  task: 'classify-text',
  input: [],
  options: {},
  engine: 'transformers',
  shares,
  model: null,
});

/** Looks again at each change, of which `onChange` is to be told. */
export function watcher() {
  const waiting: (() => void)[] = [];
  return {
    onChange() {
      for (const resolve of waiting.splice(0)) resolve();
    },
    async until(holds: () => boolean): Promise<void> {
      while (!holds()) await new Promise<void>((resolve) => waiting.push(resolve));
    },
  };
}
