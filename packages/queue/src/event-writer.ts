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
 * Gathers what a run tells: the first text and a new stage are written at once, then text at a pace that people read at
 * and progress five times a second, the newest.
 */
export function createEventWriter(sink: EventSink): EventWriter {
  const startedAt = performance.now();
  let progress: Progress | undefined;
  let stage: string | undefined;
  let text = '';
  let told = false;
  let lines: string[] = [];
  let writing: Promise<void> = Promise.resolve();
  // apart, so that frequent progress does not cut the text into more events than its own pace makes
  const textTimer = createTimer(() => void write(takeText()));
  const newsTimer = createTimer(() => void write(takeNews()));

  interface Taken {
    events: JobEvent[];
    progress?: Progress;
  }

  function takeLines(): JobEvent[] {
    const taken = lines;
    lines = [];
    return taken.map((line) => ({ type: 'log', line }));
  }

  /** With the lines that came before it. */
  function takeText(): Taken {
    const taken = text;
    text = '';
    return { events: [...takeLines(), ...(taken === '' ? [] : [{ type: 'output', text: taken } as const])] };
  }

  function takeNews(): Taken {
    const newest = progress;
    const events = takeLines();
    progress = undefined;
    return newest ? { events: [...events, { type: 'progress', ...newest }], progress: newest } : { events };
  }

  /** One after the other, so that an older value never overwrites a newer one. */
  function write({ events, progress }: Taken): Promise<void> {
    if (events.length === 0) return writing;
    writing = writing.then(async () => {
      await Promise.all([sink.write(events), progress && sink.writeProgress(progress)]).catch(() => {});
    });
    return writing;
  }

  async function flush(): Promise<void> {
    textTimer.stop();
    newsTimer.stop();
    void write(takeText());
    await write(takeNews());
  }

  return {
    progress(value) {
      const isNewStage = value.stage !== stage;
      stage = value.stage;
      progress = value;
      if (!isNewStage) return newsTimer.in(progressEveryMs);
      // what was written in the old stage is told before the new one
      void flush();
    },
    output(more) {
      if (more === '') return;
      text += more;
      textTimer.in(told ? outputEveryMs(performance.now() - startedAt) : 0);
      told = true;
    },
    log(line) {
      lines.push(line);
      newsTimer.in(progressEveryMs);
    },
    flush,
  };
}

/** Calls once, at the earliest of the times that were asked for; in 0 ms at once. */
function createTimer(call: () => void) {
  let timer: { due: number; handle: NodeJS.Timeout } | undefined;
  const stop = () => {
    clearTimeout(timer?.handle);
    timer = undefined;
  };
  const fire = () => {
    stop();
    call();
  };
  return {
    stop,
    in(ms: number) {
      if (ms === 0) return fire();
      const due = performance.now() + ms;
      if (timer && timer.due <= due) return;
      stop();
      timer = { due, handle: setTimeout(fire, ms) };
    },
  };
}
