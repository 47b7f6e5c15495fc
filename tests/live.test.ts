import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { StreamEvent } from '@slipway/client/stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root, type Stack, startStack } from './stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ models: { slow: 512 }, env: { ENGINE: 'transformers', WORKER_CHILDREN: '1' } });
});
afterAll(() => stack.remove());

const long = 'The tide turned before noon and the crew waited. '.repeat(20);
const options = { engine: 'transformers', length: 'long' } as const;

test('the text of a summary comes through nginx while it is generated, and adds up to the result', async () => {
  const { id } = await stack.client.submit('summarize', { text: long }, options);
  const events: StreamEvent<'summarize'>[] = [];
  for await (const event of stack.client.stream<'summarize'>(id)) events.push(event);
  const text = events.flatMap((event) => (event.type === 'output' ? [event.text] : []));
  expect(text.length).toBeGreaterThan(3);
  const done = events.at(-1);
  if (done?.type !== 'done') throw new Error('no end');
  expect(text.join('')).toBe(done.job.output?.summary);
  expect(done.job.metrics.firstTokenMs).toBeLessThan(done.job.metrics.runMs ?? 0);
  expect(events.some(({ type }) => type === 'log')).toBe(true);
});

test('a running job is canceled, and its process is free for the next one', async () => {
  const first = await stack.client.submit('summarize', { text: long.repeat(20) }, options);
  for await (const event of stack.client.stream(first.id)) if (event.type === 'progress') break;
  const next = await stack.client.submit('summarize', { text: 'Next, please.' }, { engine: 'transformers' });
  const canceledAt = performance.now();
  await stack.client.cancel(first.id);
  expect(await stack.client.wait(first.id)).toMatchObject({ state: 'canceled', error: { code: 'canceled' } });
  expect(await stack.client.wait(next.id)).toMatchObject({ state: 'succeeded' });
  console.info(`canceled, and the next job done, after ${Math.round(performance.now() - canceledAt)} ms`);
});

test('a deadline and a time limit end a running job', async () => {
  const text = long.repeat(20);
  const late = await stack.client.submit('summarize', { text }, options, { deadline: new Date(Date.now() + 1_500) });
  expect(await stack.client.wait(late.id)).toMatchObject({ state: 'expired', error: { code: 'deadline_exceeded' } });
  const limited = await stack.client.submit('summarize', { text }, options, { timeLimitMs: 500 });
  expect(await stack.client.wait(limited.id)).toMatchObject({ state: 'failed', error: { code: 'time_limit' } });
});

test('a document by upload is summarized; an image that is none is refused before there is a job', async () => {
  const readme = new File([await readFile(path.join(root, 'README.md'))], 'README.md');
  const { id } = await stack.client.submitFile('summarize', readme, { engine: 'extractive', length: 'short' });
  expect(await stack.client.wait(id)).toMatchObject({ state: 'succeeded', engine: 'extractive' });
  const imageBase64 = Buffer.from('no image at all').toString('base64');
  await expect(stack.client.submit('classify-image', { imageBase64 })).rejects.toMatchObject({
    status: 422,
    code: 'invalid_input',
    errors: [{ pointer: '/input/imageBase64' }],
  });
});
