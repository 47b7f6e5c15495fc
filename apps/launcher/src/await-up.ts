import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@slipway/client/client';
import type { Readiness } from '@slipway/contract/readiness';

/**
 * Waits until the house answers and a worker has said what it can do. Undefined where that takes longer than `limitMs`; with
 * `patient` what the house says by then, if it answers at all: a Redis elsewhere that is away heals by itself.
 */
export async function readinessWhenUp(
  client: Client,
  limitMs: number,
  patient: boolean,
): Promise<Readiness | undefined> {
  const end = performance.now() + limitMs;
  let last: Readiness | undefined;
  while (performance.now() < end) {
    const readiness = await client.readiness().catch(() => undefined);
    if (readiness?.parts.some((part) => part.name === 'workers' && part.state === 'ok')) return readiness;
    last = readiness;
    await sleep(200);
  }
  return patient ? last : undefined;
}
