import { isOutage, isPassing, ProblemError, UnreachableError } from '@slipway/client/errors';
import { flagOf } from './words.ts';

/** What the program's exit codes say. `left` is what shells give to a program that Ctrl-C ended. */
export const exitCodes = { succeeded: 0, failed: 1, refused: 2, unreachable: 3, left: 130 } as const;

/** The program was called in a way that can't be meant. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** Ctrl-C was pressed, and nothing is left to wait for. */
export class LeftError extends Error {
  override name = 'LeftError';
}

/** What to print for an error and how to end; undefined for what only a bug throws. */
export function describeFailure(error: unknown, url: string): { code: number; message: string } | undefined {
  if (error instanceof UsageError) return { code: exitCodes.refused, message: error.message };
  if (error instanceof LeftError) return { code: exitCodes.left, message: error.message };
  if (error instanceof ProblemError) return { code: codeOf(error), message: explain(error, url) };
  if (error instanceof UnreachableError) {
    const hint =
      error.status === undefined
        ? 'Is it running? Give its address with --url or SLIPWAY_URL.'
        : 'Is this the address of the service? Give it with --url or SLIPWAY_URL.';
    return { code: exitCodes.unreachable, message: `${error.message}\n  at ${url}\n${hint}` };
  }
  return undefined;
}

function codeOf(error: ProblemError): number {
  if (isPassing(error)) return exitCodes.unreachable;
  return error.status < 500 ? exitCodes.refused : exitCodes.failed;
}

function explain(error: ProblemError, url: string): string {
  const faults = error.errors.map(({ pointer, message }) => `  ${nameOf(pointer)} ${message}`);
  const said = faults.length > 0 ? ['The service refused this:', ...faults] : [error.detail];
  return [...said, ...adviceOn(error, url)].join('\n');
}

/** What to do about it, where that is known. */
function adviceOn(error: ProblemError, url: string): string[] {
  if (error.code === 'unauthorized' || error.code === 'key_required')
    return ['Give a key of this service with SLIPWAY_API_KEY or --api-key.'];
  if (error.code === 'job_not_found') return [`Is the id complete, and is it a job of ${url} and of this key?`];
  if (error.code === 'job_unfinished') return ['Wait until it has ended: slipway wait ID'];
  if (error.code === 'task_disabled') return ['What can be asked for: slipway tasks'];
  if (error.code === 'body_too_large') return ['Send a smaller file, or a part of it.'];
  if (error.status === 429) {
    const seconds = error.retryAfterMs === undefined ? undefined : Math.ceil(error.retryAfterMs / 1000);
    return [
      `Try again ${seconds === undefined ? 'later' : `in ${seconds} s`}, or have it tried for longer: --patience`,
    ];
  }
  if (isOutage(error)) return ['Try again in a while.'];
  return error.status >= 500 ? [`Tell the operator this request id: ${error.requestId}`] : [];
}

/** A place in the submission as the caller knows it. */
function nameOf(pointer: string): string {
  const [, part, ...path] = pointer.split('/');
  const name = path[0] ?? '';
  if (part === 'options' && name !== '') return [flagOf(name), ...path.slice(1)].join(' ');
  if (part === 'input') return ['the input:', ...path].join(' ');
  if (part === 'file') return 'the file';
  if (part === 'tags') return '--tag';
  if (part === 'timeLimitMs') return '--time-limit';
  return part === undefined || part === '' ? 'it' : flagOf(part);
}
