import { taskNames } from '@slipway/contract/tasks';
import type { Queues } from '../queues.ts';
import { cursorsKey, stateKey } from './keys.ts';

/**
 * What the courier notes of the archive in Redis: for the next courier, which so learns what this very Redis holds, and
 * for the gateway. All of it is missing in an empty Redis.
 */
export interface ArchiveState {
  /** The dataset whose jobs this Redis holds. */
  dataset?: string;
  /** The dataset's commit of which all is known here. */
  commit?: string;
  /** `late`: it takes longer than the start waits. `refused`: somebody has to change the token or the dataset. */
  restore?: 'under_way' | 'late' | 'done' | 'refused';
  /** When the archive was last up to date, in milliseconds since 1970. */
  pushedAt?: number;
  /** Why it is not; empty where it is. Holds no address, no token and no name. */
  fault?: string;
}

/** Throws CodedError `queue_unavailable`. */
export async function readArchiveState(queues: Queues): Promise<ArchiveState> {
  const { pushedAt, ...fields } = await queues.use(({ redis, prefix }) => redis.hgetall(stateKey(prefix)));
  return { ...fields, ...(pushedAt !== undefined && { pushedAt: Number(pushedAt) }) };
}

/** Throws CodedError `queue_unavailable`. */
export async function noteArchive(queues: Queues, state: ArchiveState): Promise<void> {
  await queues.use(({ redis, prefix }) => redis.hset(stateKey(prefix), state));
}

/** About how many jobs have ended since those that the archive has. Throws CodedError `queue_unavailable`. */
export function countUnarchived(queues: Queues): Promise<number> {
  return queues.use(async ({ redis, prefix, key }) => {
    const cursors = await redis.hgetall(cursorsKey(prefix));
    const ends = taskNames.flatMap((task) => (['completed', 'failed'] as const).map((ending) => ({ task, ending })));
    const counts = await Promise.all(
      ends.map(({ task, ending }) => redis.zcount(key(task, ending), `(${cursors[`${task}:${ending}`] ?? 0}`, '+inf')),
    );
    return counts.reduce((sum, count) => sum + count, 0);
  });
}
