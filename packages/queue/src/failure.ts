import type { JobState } from '@slipway/contract/jobs';
import { type JobError, type ProblemCode, problemCodeSchema } from '@slipway/contract/problems';

/** `code: message`, in BullMQ's `failedReason`: readable for people with any BullMQ tool, and parsed back here. */
export const formatFailure = (code: ProblemCode, message: string) => `${code}: ${message}`;

/** The error of a failed job. What BullMQ itself writes when a job stalls too often becomes `worker_lost`. */
export function parseFailure(reason: string): JobError {
  const [, code, message] = /^([a-z_]+): ([\s\S]*)$/.exec(reason) ?? [];
  const known = problemCodeSchema.safeParse(code);
  if (known.success) return { code: known.data, message: message ?? '' };
  if (/stalled more than/.test(reason))
    return { code: 'worker_lost', message: 'The worker that ran this job was lost on every attempt.' };
  return { code: 'internal', message: 'The job failed for a reason that the log of the worker tells.' };
}

/** The state that a job with this error has come to. */
export function endStateOf({ code }: JobError): JobState {
  if (code === 'canceled') return 'canceled';
  return code === 'deadline_exceeded' ? 'expired' : 'failed';
}
