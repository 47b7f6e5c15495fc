import fc from 'fast-check';
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';
import { dialectPaths } from './dialects/routes.ts';
import { signStream } from './dialects/stream-token.ts';
import { noBody } from './properties/bodies.ts';
import { checkDialect } from './properties/dialect-answers.ts';
import { dialectDrafts } from './properties/dialect-requests.ts';
import type { Draft } from './properties/requests.ts';
import { type House, openHouse } from './properties/send.ts';

/** As in properties.test.ts. */
const seed = 4;
const patient = { timeout: 120_000 };

let house: House;
beforeAll(async () => {
  house = await openHouse(inject('redisUrl'), { keyed: true });
});
afterAll(() => house.close());

test.each(dialectPaths)('%s: every error is one that its client can read', patient, async (path) => {
  const property = fc.asyncProperty(dialectDrafts(path), async (draft) => {
    const { pathname, answer } = await house.send(draft);
    checkDialect(draft, pathname, answer);
  });
  await fc.assert(property, { seed, numRuns: 100 });
});

test('HEAD on the stream of a prediction follows no job, and counts as a read', async () => {
  const limited = await openHouse(inject('redisUrl'), { keyed: true, rateLimit: { requests: 1, seconds: 60 } });
  const head = async (house: House) => {
    const id = await house.madeJob('running');
    const query = `?token=${signStream(house.streamSecret, id, 'ann', Date.now())}`;
    const path = `/v1/predictions/${id}/stream`;
    const draft = { method: 'HEAD', path, query, condition: 'running', headers: [], body: noBody, caller: 'none' };
    return (await house.send(draft as Draft)).answer;
  };
  try {
    const { status, headers } = await head(limited);
    expect([status, headers.get('Content-Type')]).toEqual([200, 'text/event-stream']);
    expect(headers.get('RateLimit')).toMatch(/^"reads";r=19;/);
    await head(house); // the next test sees that nobody follows it
  } finally {
    await limited.close();
  }
});

test('who has gone follows no job any more', async () => {
  await vi.waitFor(async () => expect(await house.followed()).toEqual([]));
});
