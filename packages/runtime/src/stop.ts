import type { Log } from './log.ts';

export interface StopStep {
  name: string;
  run: () => unknown;
  /** After this many milliseconds the step is given up and the next one runs. */
  limitMs?: number;
  /** It waits for the end of another process, so it is left out where this one alone is started anew. */
  waitsForOther?: true;
}

const defaultLimitMs = 5_000;

/**
 * Runs the steps in order at SIGTERM or SIGINT, or when the supervisor is gone, then ends the process with code 0. SIGHUP
 * is what Node's watcher sends in development when a file was saved: the others go on, and are not waited for. A
 * second signal changes nothing: supervisors send several, and "force" is what SIGKILL is for. A step that hangs or
 * throws never keeps the next ones from running.
 */
export function stopOnSignal(log: Log, steps: StopStep[]): void {
  let stopping = false;
  const stop = async (why: string, alone = false) => {
    if (stopping) return;
    stopping = true;
    log.info({ why }, 'stopping');
    for (const step of steps) if (!(alone && step.waitsForOther)) await runStep(log, step);
    log.info('stopped');
    process.exit(0);
  };
  process.on('SIGTERM', () => void stop('SIGTERM'));
  process.on('SIGINT', () => void stop('SIGINT'));
  process.on('SIGHUP', () => void stop('a saved file', true));
  process.on('disconnect', () => void stop('supervisor gone'));
}

async function runStep(log: Log, step: StopStep): Promise<void> {
  const { name, run, limitMs = defaultLimitMs } = step;
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      log.warn({ step: name, limitMs }, 'a step of the stop took too long; going on without it');
      resolve();
    }, limitMs);
  });
  try {
    await Promise.race([run(), limit]);
  } catch (error) {
    // no stack: with Redis or the supervisor gone steps fail as they must, and one line says so
    const reason = error instanceof Error ? error.message : String(error);
    log.warn({ step: name, reason }, 'a step of the stop failed; going on without it');
  } finally {
    clearTimeout(timer);
  }
}
