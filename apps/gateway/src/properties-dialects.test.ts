import fc from 'fast-check';
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';
import { dialectPaths } from './dialects/routes.ts';
import { checkDialect } from './properties/dialect-answers.ts';
import { dialectDrafts } from './properties/dialect-requests.ts';
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

test('who has gone follows no job any more', async () => {
  await vi.waitFor(async () => expect(await house.followed()).toEqual([]));
});
