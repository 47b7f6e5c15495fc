import { randomBytes } from 'node:crypto';
import type { Queues } from '../queues.ts';

export const secretKey = (prefix: string) => `${prefix}:slipway:webhook-secret`;

/**
 * What signs webhooks that bring no secret of their own: what was configured, the newest first, else one that the first
 * who asks makes and Redis keeps. Throws CodedError `queue_unavailable`.
 */
export async function serviceSecrets(queues: Queues, configured: string[] | undefined): Promise<string[]> {
  if (configured) return configured;
  return queues.use(async ({ redis, prefix }) => {
    const key = secretKey(prefix);
    await redis.set(key, `whsec_${randomBytes(32).toString('base64')}`, 'NX');
    const secret = await redis.get(key);
    if (secret === null) throw new Error('the secret that signs webhooks has vanished');
    return [secret];
  });
}
