import type { Priority } from '@slipway/contract/jobs';

/**
 * Jobs stand in line by the time of their submission, shifted by their priority: `high` goes before normal ones of up to a
 * minute earlier, `low` waits for those of up to five minutes later. So nothing waits for ever behind a stream of better
 * ones, as it would with BullMQ's own classes. (docs/decisions/0020)
 */
const shiftMs: Record<Priority, number> = { high: -60_000, normal: 0, low: 5 * 60_000 };

/**
 * What BullMQ is told: one and the same for all, so that each job lies in its sorted set. BullMQ writes it when it puts a
 * job back (handed back, or tried again): far below any time, so that such a job goes first.
 */
export const bullmqPriority = 10;

/** Of this process, so that two of them seldom give the same fraction. */
const fraction = Math.random() / 1_000;
let last = 0;

/** Milliseconds since 1970 with a fraction, so that two jobs of one process never stand at the same place. */
export function submissionTime(nowMs: number): number {
  last = Math.max(nowMs + fraction, last + 0.001);
  return last;
}

export const placeInLine = (submittedMs: number, priority: Priority = 'normal') => submittedMs + shiftMs[priority];
