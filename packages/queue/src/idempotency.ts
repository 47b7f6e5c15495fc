import { createHash } from 'node:crypto';
import { newJobId, taskOfJobId } from '@slipway/contract/jobs';
import { CodedError } from '@slipway/contract/problems';
import type { TaskName } from '@slipway/contract/tasks';
import type { OpenQueues, Queues } from './queues.ts';

/** Longest time that a key is remembered, in seconds; never longer than a job can be read. */
const longestSeconds = 86_400;

export interface Claim {
  /** The id that the job has or is to get. */
  id: string;
  /** True where an earlier request had the same key. Its job may still be missing: then submit it with this id. */
  replayed: boolean;
}

/**
 * Takes a caller's Idempotency-Key for a request, by what the request says. Whoever comes first makes up the id of the
 * job, and everybody submits with this id, of which the queue takes only one: so neither a race nor a crash in the middle
 * makes a second job. Throws CodedError `idempotency_conflict` where the key was used for another request, or
 * `queue_unavailable`.
 */
export async function claimKey(
  queues: Queues,
  client: string,
  idempotencyKey: string,
  task: TaskName,
  request: unknown,
): Promise<Claim> {
  const own = `${newJobId(task)} ${hash(JSON.stringify(request))}`;
  const known = await queues.use((open) => {
    const seconds = Math.min(longestSeconds, open.jobTtlSeconds);
    return open.redis.set(claimOf(open, client, idempotencyKey), own, 'EX', seconds, 'NX', 'GET');
  });
  const [id = '', fingerprint] = (known ?? own).split(' ');
  if (fingerprint !== own.split(' ')[1])
    throw new CodedError(
      'idempotency_conflict',
      'This Idempotency-Key was used for another request. Take a new one for each job.',
    );
  return { id, replayed: known !== null };
}

/**
 * Tells of each Idempotency-Key of a caller whether a job that was made under it is still there, whatever the request
 * says now. Claims nothing. Throws CodedError `queue_unavailable`.
 */
export function findMade(queues: Queues, client: string, idempotencyKeys: string[]): Promise<boolean[]> {
  return queues.use(async (open) => {
    const claims = await open.redis.mget(idempotencyKeys.map((key) => claimOf(open, client, key)));
    return Promise.all(claims.map((claim) => isThere(open, claim?.split(' ')[0] ?? '')));
  });
}

async function isThere({ redis, key }: OpenQueues, id: string): Promise<boolean> {
  const task = taskOfJobId(id);
  return task !== undefined && (await redis.hexists(key(task, id), 'timestamp')) === 1;
}

const claimOf = ({ prefix }: OpenQueues, client: string, idempotencyKey: string) =>
  `${prefix}:slipway:idempotency:${hash(`${client}\n${idempotencyKey}`)}`;

const hash = (text: string) => createHash('sha256').update(text).digest('base64url');
