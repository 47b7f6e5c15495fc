import { pino } from 'pino';

export type Log = pino.Logger;

/**
 * The log of one process: JSON lines on standard output.
 *
 * Input text and secrets must never be logged. Redis puts a failed command's arguments, which are job data, on its
 * errors, so of an error only what is named here is written.
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
    serializers: { err: briefError },
  };
  return pino(options, output);
}

function briefError(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error);
  const { name, message, stack, cause } = error;
  const { code } = error as NodeJS.ErrnoException;
  return { name, message, code, stack, ...(cause !== undefined && { cause: briefError(cause) }) };
}
