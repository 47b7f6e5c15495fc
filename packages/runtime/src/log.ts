import { pino } from 'pino';

export type Log = pino.Logger;

/**
 * The log of one process: JSON lines on standard output.
 *
 * Input text and secrets must never be logged. Redis puts a failed command's arguments, which are job data, on its
 * errors; they are dropped here for every process at once.
 */
export function createLog(process: string, level: string): Log {
  const output = pino.destination({ dest: 1, sync: true });
  // with the supervisor gone nobody reads any more; the ordered stop must not fail over that
  output.on('error', () => {});
  const options: pino.LoggerOptions = {
    level,
    base: { process },
    formatters: { level: (label) => ({ level: label }) },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: ['err.command', '*.err.command', 'error.command'], remove: true },
  };
  return pino(options, output);
}
