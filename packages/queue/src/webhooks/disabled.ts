import { createHash } from 'node:crypto';
import type { Queues } from '../queues.ts';

/** How long a URL that answered 410 Gone gets nothing, in seconds. */
export const disabledSeconds = 86_400;

/** Hashed, because a URL may hold a secret. One owner's receiver says nothing about another's. */
function disabledKey(prefix: string, owner: string | undefined, url: string): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([owner, url]))
    .digest('hex');
  return `${prefix}:slipway:webhooks:disabled:${hash}`;
}

/** Throws CodedError `queue_unavailable`. */
export async function disableUrl(queues: Queues, owner: string | undefined, url: string): Promise<void> {
  await queues.use(({ redis, prefix }) => redis.set(disabledKey(prefix, owner, url), '1', 'EX', disabledSeconds));
}

/** Throws CodedError `queue_unavailable`. */
export async function isDisabled(queues: Queues, owner: string | undefined, url: string): Promise<boolean> {
  return (await queues.use(({ redis, prefix }) => redis.exists(disabledKey(prefix, owner, url)))) === 1;
}
