import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@slipway/client/client';
import type { Readiness } from '@slipway/contract/readiness';

/** Waits until the house answers and a worker has said what it can do; undefined when that takes longer than `limitMs`. */
export async function readinessWhenUp(client: Client, limitMs: number): Promise<Readiness | undefined> {
  const end = performance.now() + limitMs;
  while (performance.now() < end) {
    const readiness = await client.readiness().catch(() => undefined);
    if (readiness?.parts.some((part) => part.name === 'workers' && part.state === 'ok')) return readiness;
    await sleep(200);
  }
  return undefined;
}
