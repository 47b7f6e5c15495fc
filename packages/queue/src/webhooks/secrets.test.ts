import { randomUUID } from 'node:crypto';
import { webhookSchema } from '@slipway/contract/webhooks';
import { afterEach, expect, inject, test } from 'vitest';
import { testQueues } from '../test-queues.ts';
import { serviceSecrets } from './secrets.ts';

const { open, close } = testQueues(inject('redisUrl'));
afterEach(close);

test('without a configured secret one is made, once for everybody', async () => {
  const queues = await open(randomUUID());
  const all = await Promise.all(Array.from({ length: 5 }, () => serviceSecrets(queues, undefined)));
  const [[secret]] = all as [[string]];
  expect(all).toEqual(Array(5).fill([secret]));
  expect(webhookSchema.safeParse({ url: 'https://hooks.example/', secret }).success).toBe(true);
  const others = await serviceSecrets(await open(randomUUID()), undefined);
  expect(others).not.toEqual([secret]);
});

test('what is configured is what signs', async () => {
  expect(await serviceSecrets(await open(randomUUID()), ['whsec_a', 'whsec_b'])).toEqual(['whsec_a', 'whsec_b']);
});
