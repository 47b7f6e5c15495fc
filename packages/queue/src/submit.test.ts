import { randomUUID } from 'node:crypto';
import { newJobId } from '@slipway/contract/jobs';
import { afterEach, expect, inject, test } from 'vitest';
import { getJob } from './inspect.ts';
import { getSubmitted } from './payload.ts';
import { submitJob } from './submit.ts';
import { submit, testQueues } from './test-queues.ts';

const { open, close } = testQueues(inject('redisUrl'));
afterEach(close);
const options = { engine: 'auto', length: 'short', format: 'paragraph' } as const;

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
