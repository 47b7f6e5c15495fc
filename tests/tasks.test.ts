import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root, type Stack, startStack } from './stack.ts';

const user = (content: string) => ({ role: 'user' as const, content });

describe('every task through the whole house, with models made here', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ models: {}, env: { CLASSIFY_IMAGE_MODEL: '' } });
  });
  afterAll(() => stack.remove());

  test('sentiment', async () => {
    const { id } = await stack.client.submit('classify-text', { text: 'A terrible film, I hate it.' });
    const job = await stack.client.wait<'classify-text'>(id);
    expect(job).toMatchObject({ state: 'succeeded', engine: 'transformers', model: 'made/lexicon' });
    expect(job.output?.labels[0]).toMatchObject({ label: 'NEGATIVE' });
    expect(job.output?.labels.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1, 5);
  });

  test('a text of many windows is classified as a whole', async () => {
    const text = `${'good '.repeat(600)}${'awful '.repeat(400)}`;
    const { id } = await stack.client.submit('classify-text', { text });
    const job = await stack.client.wait<'classify-text'>(id);
    expect(job.output?.labels[0]).toMatchObject({ label: 'POSITIVE' });
    expect(job.metrics.inputTokens).toBe(1000);
  });

  test('chat, to its end and cut at its limit', async () => {
    const first = await stack.client.submit('chat', { messages: [user('Say this back to me.')] });
    expect((await stack.client.wait<'chat'>(first.id)).output).toEqual({
      message: { role: 'assistant', content: 'Say this back to me.' },
      finishReason: 'stop',
    });
    const cut = await stack.client.submit('chat', { messages: [user('Say this back to me.')] }, { maxTokens: 8 });
    expect((await stack.client.wait<'chat'>(cut.id)).output).toEqual({
      message: { role: 'assistant', content: 'Say this' },
      finishReason: 'length',
    });
    const stop = await stack.client.submit('chat', { messages: [user('One. Two. Three.')] }, { stop: ['Two'] });
    expect((await stack.client.wait<'chat'>(stop.id)).output).toEqual({
      message: { role: 'assistant', content: 'One. ' },
      finishReason: 'stop',
    });
  });

  test('a conversation that is too long for the model is refused with its length', async () => {
    const { id } = await stack.client.submit('chat', { messages: [user('word '.repeat(2_000))] });
    expect(await stack.client.wait(id)).toMatchObject({ state: 'failed', error: { code: 'invalid_input' } });
  });

  test('a task without a model is turned off, and readiness names only the others', async () => {
    const submitted = stack.client.submit('classify-image', { imageBase64: 'AAAA' });
    await expect(submitted).rejects.toMatchObject({ status: 422, code: 'task_disabled' });
    expect(Object.keys((await stack.client.readiness()).tasks)).toEqual(['summarize', 'classify-text', 'chat']);
  });
});

const pretrained = path.resolve(root, '../shared/models/pretrained');
const missing = existsSync(pretrained) ? '' : ' (skipped: ../shared/models/pretrained is not there)';
describe.skipIf(missing !== '')(`real weights${missing}`, () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({
      env: {
        LOCAL_MODEL_PATH: pretrained,
        ENGINE: 'extractive',
        CLASSIFY_TEXT_MODEL: 'tensorflow/wordvec-movie-review-sentiment',
        CLASSIFY_IMAGE_MODEL: 'google/mobilenet_v2_1.0_224',
        CLASSIFY_IMAGE_MODEL_DTYPE: 'q8',
        CHAT_MODEL: 'karpathy/stories260K',
      },
    });
  });
  afterAll(() => stack.remove());

  test.each([
    ['burger.jpg', /cheeseburger/],
    ['cat.jpg', /Egyptian cat/],
    ['hot_dog.jpg', /hotdog/],
  ])('MobileNet sees what %s shows', async (file, label) => {
    const imageBase64 = (await readFile(path.join(pretrained, 'images', file))).toString('base64');
    const { id } = await stack.client.submit('classify-image', { imageBase64 }, { topK: 3 });
    const job = await stack.client.wait<'classify-image'>(id);
    expect(job.output?.labels).toHaveLength(3);
    expect(job.output?.labels[0]).toMatchObject({ label: expect.stringMatching(label) });
    expect(job.output?.labels[0]?.score).toBeGreaterThan(0.8);
  });

  test.each([
    ['A wonderful, moving film with superb acting.', /POS/i],
    ['Dull, badly written and far too long; a waste of time.', /NEG/i],
  ])('sentiment of "%s"', async (text, label) => {
    const { id } = await stack.client.submit('classify-text', { text });
    expect((await stack.client.wait<'classify-text'>(id)).output?.labels[0]?.label).toMatch(label);
  });

  test('a story is told, the same one for the same seed', async () => {
    const tell = async (seed: number) => {
      const options = { maxTokens: 60, temperature: 1, seed };
      const { id } = await stack.client.submit(
        'chat',
        { messages: [user('Once upon a time, there was a little')] },
        options,
      );
      return (await stack.client.wait<'chat'>(id)).output?.message.content ?? '';
    };
    const story = await tell(7);
    expect(story.split(/\s+/).length).toBeGreaterThan(10);
    expect(await tell(7)).toBe(story);
    expect(await tell(8)).not.toBe(story);
  });
});
