import { createHash, hkdfSync, type ScryptOptions, scrypt } from 'node:crypto';
import type { OperatorConfig } from '@slipway/config/operator';
import { operatorSecret } from '@slipway/queue/operator';
import type { Queues } from '@slipway/queue/queues';

/** About 0.1 s and 32 MB: who has a session can't try passwords against its signature any faster. */
const cost: ScryptOptions = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 ** 2 };

/**
 * Gives the key that signs sessions, the same after every restart: made of a secret that the operator configured, which
 * outlives a container that keeps nothing, else of one in Redis. All of the configuration goes into it, so that whoever
 * is taken off a list, or knew an old password, is signed out. Throws CodedError `queue_unavailable`.
 */
export function sessionKey(config: OperatorConfig, queues: Queues): () => Promise<Buffer> {
  let known: Promise<Buffer> | undefined;
  const settings = createHash('sha256').update(JSON.stringify(config)).digest('hex');

  async function make(): Promise<Buffer> {
    const secret = await secretOf(config, queues);
    return Buffer.from(hkdfSync('sha256', secret, '', `slipway operator ${settings}`, 32));
  }
  return () => {
    known ??= make().catch((error: unknown) => {
      known = undefined;
      throw error;
    });
    return known;
  };
}

async function secretOf({ oauth, password }: OperatorConfig, queues: Queues): Promise<string | Buffer> {
  if (oauth) return oauth.clientSecret;
  if (password !== undefined) return stretch(password);
  return operatorSecret(queues);
}

/** Slow on purpose: people choose passwords, and this is what stands between one and its guesser. */
function stretch(password: string): Promise<Buffer> {
  return new Promise((resolve, reject) =>
    scrypt(password, 'slipway operator', 32, cost, (error, key) => (error ? reject(error) : resolve(key))),
  );
}
