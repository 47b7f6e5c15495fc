import type { Log } from './log.ts';

export interface StopStep {
  name: string;
  run: () => unknown;
  /** After this many milliseconds the step is given up and the next one runs. */
  limitMs?: number;
}

const defaultLimitMs = 5_000;

/**
 * Runs the steps in order at SIGTERM or SIGINT, or when the supervisor is gone, then ends the process with code 0. A
 * second signal changes nothing: supervisors send several, and "force" is what SIGKILL is for. A step that hangs or
 * throws never keeps the next ones from running.
 */
export function stopOnSignal(log: Log, steps: StopStep[]): void {
  let stopping = false;
  const stop = async (why: string) => {
    if (stopping) return;
    stopping = true;
    log.info({ why }, 'stopping');
    for (const step of steps) await runStep(log, step);
    log.info('stopped');
    process.exit(0);
  };
  process.on('SIGTERM', () => void stop('SIGTERM'));
  process.on('SIGINT', () => void stop('SIGINT'));
  process.on('disconnect', () => void stop('supervisor gone'));
}

async function runStep(log: Log, step: StopStep): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise((_, reject) => {
    const ms = step.limitMs ?? defaultLimitMs;
    timer = setTimeout(() => reject(new Error(`not done after ${ms} ms`)), ms);
  });
  try {
    await Promise.race([step.run(), limit]);
  } catch (err) {
    log.warn({ err, step: step.name }, 'a step of the stop failed');
  } finally {
    clearTimeout(timer);
  }
}
