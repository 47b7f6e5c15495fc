import { randomUUID } from 'node:crypto';
import { afterEach, expect, inject, test } from 'vitest';
import { openAdmission } from './admission.ts';
import { submit, testQueues } from './test-queues.ts';

const { open, close } = testQueues(inject('redisUrl'));
afterEach(close);

const options = { maxDepth: 3, maxBytes: Number.MAX_SAFE_INTEGER, secondsUntilRoom: () => 9 };

test('no more jobs are taken than may wait, however many ask at once', async () => {
  const queues = await open(randomUUID());
  const { admit } = openAdmission(queues, options);
  const asked = await Promise.allSettled(Array.from({ length: 10 }, () => admit(100, () => submit(queues))));
  expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
  const refused = asked.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  expect(refused[0]).toMatchObject({ code: 'queue_full', retryAfterSeconds: 9 });
  await expect(openAdmission(queues, options).admit(100, () => submit(queues))).rejects.toMatchObject({
    code: 'queue_full',
  });
});

test('a submission that failed takes no place', async () => {
  const queues = await open(randomUUID());
  const { admit } = openAdmission(queues, { ...options, maxDepth: 1 });
  const fail = () => Promise.reject(new Error('refused'));
  await expect(openAdmission(queues, options).admit(100, fail)).rejects.toThrow('refused');
  await expect(admit(100, () => submit(queues))).resolves.toMatch(/^summarize_/);
});

test('a job is refused that Redis should not hold', async () => {
  const queues = await open(randomUUID());
  const used = await queues.use(({ redis }) => redis.info('memory'));
  const bytes = Number(/^used_memory:(\d+)/m.exec(used)?.[1]);
  const { admit } = openAdmission(queues, { ...options, maxBytes: bytes + 50_000_000 });
  await expect(admit(100_000_000, () => submit(queues))).rejects.toMatchObject({ code: 'queue_full' });
  await expect(admit(1_000, () => submit(queues))).resolves.toMatch(/^summarize_/);
});
