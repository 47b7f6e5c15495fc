import type { JobEvent } from '@slipway/contract/events';
import type { Progress } from '@slipway/contract/jobs';

/** Most reports of progress that a person can follow, and little enough for Redis with many jobs at once. */
const progressEveryMs = 200;
/** How long text is gathered: so short that it flows, and longer the longer it has run, so that the events stay few. */
const outputEveryMs = (ranMs: number) => Math.max(40, ranMs * 0.002);

export interface EventWriter {
  progress: (progress: Progress) => void;
  output: (text: string) => void;
  log: (line: string) => void;
  /** Writes what is still held back. Never rejects: news are not worth a job. */
  flush: () => Promise<void>;
}

export interface EventSink {
  write: (events: JobEvent[]) => Promise<unknown>;
  writeProgress: (progress: Progress) => Promise<unknown>;
}

/**
 * Gathers what a run tells and writes it in order: the first of each kind and a new stage at once, then text at a pace
 * that people read at and progress five times a second, the newest. While a write is under way what comes waits in
 * memory, as one event.
 */
export function createEventWriter({ write, writeProgress }: EventSink): EventWriter {
  const startedAt = performance.now();
  let progress: Progress | undefined;
  let stage: string | undefined;
  let text = '';
  let told = false;
  let lines: string[] = [];
  let timer: { due: number; handle: NodeJS.Timeout } | undefined;
  let writing: Promise<void> = Promise.resolve();

  function take(): { events: JobEvent[]; progress: Progress | undefined } {
    const events: JobEvent[] = [
      ...lines.map((line) => ({ type: 'log', line }) as const),
      ...(text === '' ? [] : [{ type: 'output', text } as const]),
      ...(progress ? [{ type: 'progress', ...progress } as const] : []),
    ];
    const newest = progress;
    lines = [];
    text = '';
    progress = undefined;
    return { events, progress: newest };
  }

  function flush(): Promise<void> {
    clearTimeout(timer?.handle);
    timer = undefined;
    // one after the other, so that an older value never overwrites a newer one
    writing = writing.then(async () => {
      const { events, progress } = take();
      if (events.length === 0) return;
      await Promise.all([write(events), progress && writeProgress(progress)]).catch(() => {});
    });
    return writing;
  }

  function flushIn(ms: number): void {
    const due = performance.now() + ms;
    if (timer && timer.due <= due) return;
    clearTimeout(timer?.handle);
    timer = { due, handle: setTimeout(() => void flush(), ms) };
  }

  return {
    progress(value) {
      const isNewStage = value.stage !== stage;
      stage = value.stage;
      progress = value;
      if (isNewStage) void flush();
      else flushIn(progressEveryMs);
    },
    output(more) {
      if (more === '') return;
      text += more;
      flushIn(told ? outputEveryMs(performance.now() - startedAt) : 0);
      told = true;
    },
    log(line) {
      lines.push(line);
      flushIn(progressEveryMs);
    },
    flush,
  };
}
