import { type Message, type TextGenerationPipeline, TextStreamer } from '@huggingface/transformers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeTestModels } from './test-models.ts';

let models: Awaited<ReturnType<typeof makeTestModels>>;
let chat: TextGenerationPipeline;

beforeAll(async () => {
  models = await makeTestModels();
  chat = await models.load('text-generation', 'made/echo');
});
afterAll(async () => {
  await chat.dispose();
  await models.remove();
});

const conversation: Message[] = [
  { role: 'system', content: 'Be terse, user.' },
  { role: 'user', content: 'First?' },
  { role: 'assistant', content: 'First?' },
  { role: 'user', content: 'And the second?\n' },
];

async function continued(messages: Message[], maxTokens: number): Promise<Message[]> {
  const output = (await chat(messages, { max_new_tokens: maxTokens })) as { generated_text: Message[] }[];
  return output[0]?.generated_text ?? [];
}

async function answerTo(messages: Message[], maxTokens = 300): Promise<unknown> {
  return (await continued(messages, maxTokens)).at(-1)?.content;
}

test('answers with the last message of the user, and ends', async () => {
  const answer = { role: 'assistant', content: 'And the second?\n' };
  expect(await continued(conversation, 300)).toEqual([...conversation, answer]);
});

test.each([
  'Hello, how are you?',
  '  spaces,\ttabs\r\nand lines\n\n',
  'Größe, çà et là, Łódź, naïve',
  'Привет, Ελληνικά, שלום, مرحبا',
  '漢字かな交じり文、한국어, ไทย, हिन्दी',
  '👩‍👩‍👧 e\u0301 \u{1F1EA}\u{1F1FA}',
  'user\nassistant\n',
  '',
])('repeats %j', async (content) => {
  expect(await answerTo([{ role: 'user', content }])).toBe(content);
});

test('takes the last message of the user also when another follows it', async () => {
  expect(await answerTo([...conversation, { role: 'tool', content: '42' }])).toBe('And the second?\n');
});

test('stops at the limit that it is given', async () => {
  expect(await answerTo(conversation, 7)).toBe('And the');
});

test('each step reads one token and the cache of those before', async () => {
  const put: number[] = [];
  const streamer = new TextStreamer(chat.tokenizer, {
    skip_prompt: true,
    callback_function: () => {},
    token_callback_function: (tokens) => put.push(tokens.length),
  });
  await chat(conversation, { max_new_tokens: 300, streamer });
  expect(put).toEqual(Array('And the second?\n'.length + 1).fill(1));
  const step = { input_ids: chat.tokenizer('a').input_ids };
  const { logits, ...cache } = await chat.model(step);
  expect(logits.dims).toEqual([1, 1, 259]);
  expect(cache['present.0.key'].dims).toEqual([1, 1, 1, 1]);
  expect(cache['present.0.value'].dims).toEqual([1, 1, 1, 1]);
});

test.each(['no', 'This is no chat.'])('has no answer to a prompt that is no chat: %j', async (prompt) => {
  expect(await chat(prompt, { max_new_tokens: 20 })).toEqual([{ generated_text: prompt }]);
});

test('has no answer to a prompt that was cut at 2,048 tokens', async () => {
  expect(chat.tokenizer.model_max_length).toBe(2048);
  expect(await answerTo([{ role: 'user', content: 'x'.repeat(2100) }])).toBe('');
  expect(await answerTo([{ role: 'user', content: 'x'.repeat(2020) }], 10)).toBe('x'.repeat(10));
});
