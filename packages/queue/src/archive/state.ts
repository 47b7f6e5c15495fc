import type { Queues } from '../queues.ts';
import { stateKey } from './keys.ts';

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
