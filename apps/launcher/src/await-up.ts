import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@slipway/client/client';
import type { Readiness } from '@slipway/contract/readiness';

/**
 * Waits until the house answers and a worker has said what it can do. After `limitMs` what it says by then, for a Redis
 * elsewhere that is away heals by itself; undefined where nothing has answered.
 */
export async function readinessWhenUp(client: Client, limitMs: number): Promise<Readiness | undefined> {
  const end = performance.now() + limitMs;
  let last: Readiness | undefined;
  while (performance.now() < end) {
    const readiness = await client.readiness().catch(() => undefined);
    if (readiness?.parts.some((part) => part.name === 'workers' && part.state === 'ok')) return readiness;
    last = readiness;
    await sleep(200);
  }
  return last;
}
