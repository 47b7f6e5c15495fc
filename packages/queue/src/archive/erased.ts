import type { Tombstone } from '@slipway/contract/archive';
import { taskOfJobId } from '@slipway/contract/jobs';
import type { Queues } from '../queues.ts';
import { archivedField, erasedKey } from './keys.ts';

export interface Erased extends Tombstone {
  /** The file of the archive that holds what was erased; undefined where none does. */
  file: string | undefined;
}

/** Jobs that were erased and of which the archive has yet to hear. Throws CodedError `queue_unavailable`. */
export function readErased(queues: Queues, most: number): Promise<Erased[]> {
  return queues.use(async ({ redis, prefix, key }) => {
    const entries = await redis.zrange(erasedKey(prefix), 0, String(most - 1), 'WITHSCORES');
    const all: Erased[] = [];
    for (let i = 0; i < entries.length; i += 2) {
      const id = entries[i] ?? '';
      const task = taskOfJobId(id);
      const file = task && ((await redis.hget(key(task, id), archivedField)) ?? undefined);
      all.push({ type: 'erased', id, erasedAt: Number(entries[i + 1]), file });
    }
    return all;
  });
}

/** The archive has heard of these. Throws CodedError `queue_unavailable`. */
export async function forgetErased(queues: Queues, ids: string[]): Promise<void> {
  if (ids.length > 0) await queues.use(({ redis, prefix }) => redis.zrem(erasedKey(prefix), ids));
}
