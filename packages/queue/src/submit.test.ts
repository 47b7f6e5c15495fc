import { randomUUID } from 'node:crypto';
import { newJobId } from '@slipway/contract/jobs';
import { afterEach, expect, inject, test } from 'vitest';
import { cancelJob } from './cancel.ts';
import { deadlinesKey } from './end.ts';
import { getJob } from './inspect.ts';
import { getSubmitted } from './payload.ts';
import { submitJob } from './submit.ts';
import { submit, testQueues } from './test-queues.ts';
import { outboxKey } from './webhooks/outbox.ts';

const { open, close } = testQueues(inject('redisUrl'));
afterEach(close);
const options = { engine: 'auto', length: 'short', format: 'paragraph' } as const;

test('one that has ended is not announced again, nor has it a deadline', async () => {
  const prefix = randomUUID();
  const queues = await open(prefix);
  const id = newJobId('summarize');
  const terms = { deadline: Date.now() + 60_000, webhook: { url: 'https://hooks.example/' } };
  await submitJob(queues, 'summarize', { text: 'First.' }, options, terms, { id });
  await cancelJob(queues, id);
  const places = () =>
    queues.use(({ redis }) => Promise.all([redis.zcard(outboxKey(prefix)), redis.zcard(deadlinesKey(prefix))]));
  expect(await places()).toEqual([1, 0]);
  await queues.use(({ redis }) => redis.del(outboxKey(prefix))); // as the courier does when it is told
  await submitJob(queues, 'summarize', { text: 'First.' }, options, terms, { id });
  expect(await places()).toEqual([0, 0]);
});

test('a job that is submitted again under its id stays as it is, and where it is', async () => {
  const queues = await open(randomUUID());
  const id = newJobId('summarize');
  await submitJob(queues, 'summarize', { text: 'First.' }, options, { tags: ['one'] }, { id });
  await submit(queues, 'Behind it.');
  const again = await submitJob(queues, 'summarize', { text: 'Second.' }, options, { tags: ['two'] }, { id });
  expect(again.position).toBe(1);
  expect(await getJob(queues, id)).toMatchObject({ tags: ['one'], position: 1 });
  expect((await getSubmitted(queues, id)).input).toEqual({ text: 'First.' });
});
