import type { Progress } from '@slipway/contract/jobs';

/** Most that a person can follow, and little enough for Redis with many jobs at once. */
const everyMs = 200;

export interface ProgressThrottle {
  report: (progress: Progress) => void;
  /** Writes what is still held back. Never rejects: progress is not worth a job. */
  flush: () => Promise<void>;
}

/** Passes the first report on at once and then at most one each 200 ms, the newest; a new stage is never held back. */
export function throttleProgress(write: (progress: Progress) => Promise<unknown>): ProgressThrottle {
  let latest: Progress | undefined;
  let stage: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<unknown> = Promise.resolve();

  function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const progress = latest;
    latest = undefined;
    // one after the other, so that an older value never overwrites a newer one
    if (progress) writing = writing.then(() => write(progress)).catch(() => {});
    return writing.then(() => {});
  }

  return {
    report(progress) {
      latest = progress;
      if (progress.stage !== stage) {
        stage = progress.stage;
        void flush();
        timer = setTimeout(() => void flush(), everyMs);
      } else timer ??= setTimeout(() => void flush(), everyMs);
    },
    flush,
  };
}
