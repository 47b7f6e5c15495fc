import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { makeModels } from '@slipway/models/make';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ChatModel, ChatRequest } from '../engine.ts';
import { testContext } from '../test-context.ts';
import { loadChatModel } from './chat.ts';
import { outside } from './test-outside.ts';

const options = { id: 'made/echo', dtype: 'fp32', device: 'cpu', threads: 1 } as const;
let dir: string;
let echo: ChatModel;
let slow: ChatModel;

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'slipway-chat-'));
  await makeModels(path.join(dir, 'fast'));
  await makeModels(path.join(dir, 'slow'), { slow: 256 });
  echo = await loadChatModel({ ...options, dir: path.join(dir, 'fast', options.id) });
  slow = await loadChatModel({ ...options, dir: path.join(dir, 'slow', options.id) });
});
afterAll(() => rm(dir, { recursive: true }));

const requestOf = (content: string, request: Partial<ChatRequest> = {}): ChatRequest => ({
  messages: [{ role: 'user', content }],
  maxTokens: 200,
  temperature: 0,
  stop: [],
  seed: undefined,
  ...request,
});
async function ask(content: string, request: Partial<ChatRequest> = {}) {
  const { context, ...told } = testContext();
  return { ...told, answer: await echo.answer(requestOf(content, request), context) };
}

test('sends the answer letter by letter, and it is the answer', async () => {
  const { answer, outputs, reports, logs } = await ask('Say 漢字.');
  expect(answer).toEqual({
    message: { role: 'assistant', content: 'Say 漢字.' },
    finishReason: 'stop',
    inputTokens: 30,
    outputTokens: 11,
  });
  expect(outputs).toEqual(['S', 'a', 'y', ' ', '漢', '字', '.']);
  expect(reports).toHaveLength(12);
  expect(logs).toEqual(['reading a conversation of 30 tokens; the answer may have 200 tokens']);
});

test.each([
  ['One. Two.', ['Two'], 'One. ', 'stop'],
  ['One. Two.', ['o', 'e.'], 'On', 'stop'],
  ['One. Two.', ['One'], '', 'stop'],
  ['One. Tw', ['Two'], 'One. Tw', 'stop'],
  ['漢字漢😀', ['字漢'], '漢', 'stop'],
])('%j ends before %j: %j', async (content, stop, expected, finishReason) => {
  const { answer, outputs, logs } = await ask(content, { stop });
  expect(answer).toMatchObject({ message: { content: expected }, finishReason });
  expect(outputs.join('')).toBe(expected);
  expect(outputs).not.toContain('');
  expect(logs.includes('the answer ended at a stop string')).toBe(content !== expected);
});

test('nothing is generated after a stop string', async () => {
  const { answer } = await ask(`ab|${'x'.repeat(100)}`, { stop: ['|'] });
  expect(answer.outputTokens).toBe(3);
});

test.each([1, 2, 3, 4, 5, 6, 7, 8, 9])(
  'what is sent is the answer that ends at its limit of %i tokens',
  async (maxTokens) => {
    const { answer, outputs, logs } = await ask('é 漢 字 and on', { maxTokens, stop: [' 字 x'] });
    expect(outputs.join('')).toBe(answer.message.content);
    expect('é 漢 字').toContain(answer.message.content);
    expect(answer).toMatchObject({ finishReason: 'length', outputTokens: maxTokens });
    expect(logs.at(-1)).toBe(`the answer ended at its limit of ${maxTokens} tokens`);
  },
);

test('an answer may be empty', async () => {
  const { answer, outputs } = await ask('');
  expect(answer).toMatchObject({ message: { content: '' }, finishReason: 'stop', outputTokens: 0 });
  expect(outputs).toEqual([]);
});

test('a conversation that is too long is refused', async () => {
  await expect(ask('x'.repeat(3000))).rejects.toMatchObject({ code: 'invalid_input' });
});

test('nothing runs for a job that is already canceled', async () => {
  const { context, reports } = testContext({ signal: AbortSignal.abort(new Error('canceled before')) });
  await expect(echo.answer(requestOf('Too late.'), context)).rejects.toThrow('canceled before');
  expect(reports).toEqual([]);
});

test.each(outside)('an abort by %s stops a slow model after the step being computed', async (_, later) => {
  const controller = new AbortController();
  const canceled = new Error('canceled');
  let tokens = 0;
  let tokensAtAbort = 0;
  const report = () => {
    tokens += 1;
    if (tokens !== 5) return;
    later(() => {
      tokensAtAbort = tokens;
      controller.abort(canceled);
    });
  };
  const { context, outputs } = testContext({ report, signal: controller.signal });
  const answering = slow.answer(requestOf('word'.repeat(100), { maxTokens: 400 }), context);
  await expect(answering).rejects.toBe(canceled);
  expect(tokensAtAbort).toBeGreaterThanOrEqual(5);
  expect(tokensAtAbort).toBeLessThan(20);
  expect(tokens - tokensAtAbort).toBeLessThanOrEqual(1);
  expect(outputs).toHaveLength(tokens);
});
