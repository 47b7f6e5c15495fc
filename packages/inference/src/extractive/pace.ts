import { setImmediate } from 'node:timers/promises';
import type { RunContext } from '../engine.ts';

/** Longest time to keep the event loop, in milliseconds: a cancel waits at most about this long. */
const shift = 10;

export type Stage = 'reading' | 'ranking' | 'selecting';

/** Where each stage starts in the whole work and how much of it it is, as measured on a long text. */
const shares: Record<Stage, { start: number; part: number; message: string }> = {
  reading: { start: 0, part: 0.7, message: 'Reading the text' },
  ranking: { start: 0.7, part: 0.1, message: 'Ranking its sentences' },
  selecting: { start: 0.8, part: 0.2, message: 'Choosing sentences' },
};

/** Lets the event loop turn in the midst of long work. */
export interface Pace {
  /** Is it time to rest? Cheap enough to ask at every sentence. */
  due(): boolean;
  /** Reports that `done` (0..1) of a stage is done and lets other work run. Rejects with the signal's reason once aborted. */
  rest(stage: Stage, done: number): Promise<void>;
}

export function createPace({ report, signal }: RunContext): Pace {
  let last = performance.now();
  return {
    due: () => performance.now() - last >= shift,
    async rest(stage, done) {
      const { start, part, message } = shares[stage];
      report({ ratio: start + part * done, stage, message });
      await setImmediate();
      signal.throwIfAborted();
      last = performance.now();
    },
  };
}
