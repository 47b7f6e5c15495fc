import { reservedPaths } from '@slipway/config/services';
import { expect, inject, test } from 'vitest';
import { createApp } from '../app.ts';
import { openTestApp } from '../test-app.ts';

test('no service can take a path of the house', async () => {
  const { deps, close } = await openTestApp(inject('redisUrl'));
  const first = createApp(deps).routes.map(({ path }) => path.split('/')[1] ?? '');
  await close();
  // a service's path has no dots and no star
  const names = new Set(first.filter((name) => /^[a-z0-9-]+$/.test(name)));
  expect(names).toContain('api');
  for (const name of names) expect(reservedPaths).toContain(name);
});
