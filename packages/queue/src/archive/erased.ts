import { taskOfJobId } from '@slipway/contract/jobs';
import type { Queues } from '../queues.ts';
import { archivedField, erasedKey } from './keys.ts';

export interface Erased {
  id: string;
  erasedAt: number;
  /** The files of the archive that are known to hold what was erased. */
  files: string[];
  /** As it stands in Redis. */
  entry: string;
}

/** Jobs that were erased and of which the archive has yet to hear. Throws CodedError `queue_unavailable`. */
export function readErased(queues: Queues, most: number): Promise<Erased[]> {
  return queues.use(async ({ redis, prefix, key }) => {
    const entries = await redis.zrange(erasedKey(prefix), 0, String(most - 1), 'WITHSCORES');
    const all: Erased[] = [];
    for (let i = 0; i < entries.length; i += 2) {
      const entry = entries[i] ?? '';
      const [id = '', noted] = entry.split(' ');
      const task = taskOfJobId(id);
      // it may have come into a file, or into another one, after it was erased
      const now = task && (await redis.hget(key(task, id), archivedField));
      const files = [...new Set([noted, now])].filter((file) => file != null && file !== '') as string[];
      all.push({ id, erasedAt: Number(entries[i + 1]), files, entry });
    }
    return all;
  });
}

/** A file that holds what was erased has been found. Throws CodedError `queue_unavailable`. */
export async function noteErased(queues: Queues, id: string, erasedAt: number, file: string): Promise<void> {
  await queues.use(({ redis, prefix }) => redis.zadd(erasedKey(prefix), erasedAt, `${id} ${file}`));
}

/** The archive has heard of these. Throws CodedError `queue_unavailable`. */
export async function forgetErased(queues: Queues, erased: Erased[]): Promise<void> {
  const entries = erased.map(({ entry }) => entry);
  if (entries.length > 0) await queues.use(({ redis, prefix }) => redis.zrem(erasedKey(prefix), entries));
}
