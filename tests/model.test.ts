import type { Job } from '@slipway/contract/jobs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { childrenOf, type Stack, startStack } from './stack.ts';
import { transcript } from './transcript.ts';

let stack: Stack;
beforeAll(async () => {
  // each step of the model costs time, so that there is a middle to kill something in
  stack = await startStack({ models: { slow: 384 }, env: { ENGINE: 'transformers' } });
});
afterAll(() => stack.remove());

/** Resolves when the job runs and has told how far it is. */
async function inTheMiddle(id: string): Promise<Job> {
  const middle = new AbortController();
  let job: Job | undefined;
  const onUpdate = (update: Job) => {
    if (update.state !== 'running' || !update.progress || update.progress.ratio === 0) return;
    job = update;
    middle.abort();
  };
  await stack.client.wait(id, { onUpdate, everyMs: 50, signal: middle.signal }).catch(() => {});
  if (!job) throw new Error('the job ended before it could be caught in the middle');
  return job;
}

const longText = transcript().slice(0, 6_000);

test('the model answers, through real ONNX, and says so', async () => {
  const { id } = await stack.client.submit('summarize', { text: 'The first words come back.' }, { maxTokens: 15 });
  const job = await stack.client.wait<'summarize'>(id);
  expect(job).toMatchObject({ state: 'succeeded', engine: 'transformers', model: 'made/copier' });
  expect(job.engineReason).toBe('ENGINE=transformers; the model is ready');
  expect(job.output?.summary).toBe('The first words'); // it copies its source, one byte a token
  expect(job.metrics.outputTokens).toBe(15);
  expect(stack.output()).toMatch(/Engine +transformers|engine":"transformers"/);
});

test('kill -9 of the worker in the middle of a job still ends in a result', async () => {
  const { id } = await stack.client.submit('summarize', { text: longText });
  await inTheMiddle(id);
  process.kill(await stack.pid('worker'), 'SIGKILL');
  const job = await stack.client.wait(id);
  expect(job).toMatchObject({ state: 'succeeded', attempts: 2 });
});

test('kill -9 of the inference process costs one attempt, and the next job runs', async () => {
  const { id } = await stack.client.submit('summarize', { text: longText });
  await inTheMiddle(id);
  process.kill(await inferencePid(), 'SIGKILL');
  expect(await stack.client.wait(id)).toMatchObject({ state: 'succeeded', attempts: 2, engine: 'transformers' });
});

test.each(['gateway', 'nginx', 'redis'] as const)('kill -9 of %s: an accepted job ends in a result', async (name) => {
  const { id } = await stack.client.submit('summarize', { text: longText });
  await inTheMiddle(id);
  process.kill(await stack.pid(name), 'SIGKILL');
  expect(await stack.client.wait(id)).toMatchObject({ state: 'succeeded' });
  const next = await stack.client.submit('summarize', { text: 'And the next one runs.' }, { maxTokens: 5 });
  expect(await stack.client.wait(next.id)).toMatchObject({ state: 'succeeded' });
});

async function inferencePid(): Promise<number> {
  const [pid] = await childrenOf(await stack.pid('worker'));
  if (pid === undefined) throw new Error('the worker has no inference process');
  return pid;
}
