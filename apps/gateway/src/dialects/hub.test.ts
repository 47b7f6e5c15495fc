import {
  chatCompletion,
  chatCompletionStream,
  InferenceClientProviderApiError,
  imageClassification,
  summarization,
  textClassification,
} from '@huggingface/inference';
import { CodedError } from '@slipway/contract/problems';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { collect, png, startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
beforeEach(async () => {
  server = await startTestServer();
});
afterEach(() => server.close());

const accessToken = 'ada';
const at = (task: string) => ({ endpointUrl: `${server.url}/hf/${task}`, accessToken });
const messages = [{ role: 'user', content: 'Say hello.' }];
const text = (text: string) => ({ type: 'output' as const, text });
const blob = (bytes: Uint8Array<ArrayBuffer>, type = '') => new Blob([bytes], { type });

const post = (task: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${server.url}/hf/${task}`, { method: 'POST', body: JSON.stringify(body), headers });

const thrown = (answer: Promise<unknown>) =>
  answer.then(
    () => expect.unreachable('the client was content'),
    (error: unknown) => error as InferenceClientProviderApiError,
  );

test('summarization', async () => {
  const parameters = { max_length: 90, generate_parameters: { min_new_tokens: 30 } } as Record<string, unknown>;
  expect(await summarization({ ...at('summarization'), inputs: 'A long text.', parameters })).toEqual({
    summary_text: 'In short.',
  });
  expect(server.desk.taken).toMatchObject([
    { task: 'summarize', input: { text: 'A long text.' }, options: { minTokens: 30, maxTokens: 90 } },
  ]);
});

test('text classification', async () => {
  const answer = await textClassification({ ...at('text-classification'), inputs: 'Fine.', parameters: { top_k: 2 } });
  expect(answer).toEqual([
    { label: 'POSITIVE', score: 0.99 },
    { label: 'NEGATIVE', score: 0.01 },
  ]);
  expect(server.desk.taken).toMatchObject([{ task: 'classify-text', input: { text: 'Fine.' }, options: { topK: 2 } }]);
});

test.each(['', 'image/png', 'application/json'])('image classification: bytes that come as "%s"', async (type) => {
  const answer = await imageClassification({ ...at('image-classification'), inputs: blob(png, type) });
  expect(answer).toEqual([{ label: 'red', score: 0.9 }]);
  const imageBase64 = Buffer.from(png).toString('base64');
  expect(server.desk.taken).toMatchObject([{ task: 'classify-image', input: { imageBase64 } }]);
});

test('image classification as the Python client asks for it, where there are parameters', async () => {
  const inputs = Buffer.from(png).toString('base64');
  const answer = await post('image-classification', { inputs, parameters: { top_k: 3 } });
  expect(await answer.json()).toEqual([{ label: 'red', score: 0.9 }]);
  expect(server.desk.taken).toMatchObject([{ input: { imageBase64: inputs }, options: { topK: 3 } }]);
});

test('a list of texts is a list of jobs, and the answers are in its order', async () => {
  const summaries = await post('summarization', { inputs: ['One.', 'Two.'] });
  expect(await summaries.json()).toEqual([{ summary_text: 'In short.' }, { summary_text: 'In short.' }]);
  expect(server.desk.taken.map(({ input }) => input)).toEqual([{ text: 'One.' }, { text: 'Two.' }]);
  const labels = await post('text-classification', { inputs: ['One.', 'Two.'] });
  expect(await labels.json()).toMatchObject([
    [{ label: 'POSITIVE' }, {}],
    [{ label: 'POSITIVE' }, {}],
  ]);
});

test('of a list with a bad text nothing is submitted', async () => {
  const answer = await post('summarization', { inputs: ['One.', ''] });
  expect([answer.status, await answer.json()]).toEqual([422, { error: '/inputs/1 must not be empty or blank.' }]);
  expect(server.desk.taken).toEqual([]);
});

test('of a list with a job that fails the others are canceled', async () => {
  server.desk.plan = { held: true };
  const answer = post('summarization', { inputs: ['One.', 'Two.'] });
  await expect.poll(() => server.desk.taken.length).toBe(2);
  await server.desk.cancelFirst();
  expect((await answer).status).toBe(409);
  expect(server.desk.canceled).toHaveLength(2);
});

test.each(['', '/v1', '/hf', '/hf/v1'])('chat at %s, whole and as a stream', async (path) => {
  const endpoint = { endpointUrl: server.url + path, accessToken };
  server.desk.plan = { events: [text('Hello '), text('there.')] };
  const answer = await chatCompletion({ ...endpoint, messages, max_tokens: 20 });
  expect(answer.choices[0]?.message).toMatchObject({ role: 'assistant', content: 'Hello there.' });
  const chunks = await collect(chatCompletionStream({ ...endpoint, messages, model: 'made/echo' }));
  expect(chunks.map(({ choices }) => choices[0]?.delta.content).join('')).toBe('Hello there.');
  expect(server.desk.taken).toHaveLength(2);
});

test('overload is told once, as 429 with a sentence', async () => {
  server.desk.plan = { refuse: new CodedError('queue_full', 'The queue is full.', { retryAfterSeconds: 9 }) };
  const error = await thrown(summarization({ ...at('summarization'), inputs: 'A text.' }));
  expect(error).toBeInstanceOf(InferenceClientProviderApiError);
  expect(error.message).toBe('Failed to perform inference: The queue is full.');
  expect(error.httpResponse).toMatchObject({ status: 429 });
  const chat = await thrown(chatCompletion({ endpointUrl: `${server.url}/hf`, accessToken, messages }));
  expect(chat.message).toBe('Failed to perform inference: The queue is full.');
  const atRoot = collect(chatCompletionStream({ endpointUrl: server.url, accessToken, messages }));
  expect((await thrown(atRoot)).message).toBe('Failed to perform inference: The queue is full.');
  expect(server.asked).toHaveLength(3);
});

test('a queue that cannot be reached is told once: at 503 the client would ask for ever', async () => {
  server.desk.plan = { refuse: new CodedError('queue_unavailable', 'Redis is away.') };
  for (const answer of [
    summarization({ ...at('summarization'), inputs: 'A text.' }),
    chatCompletion({ endpointUrl: `${server.url}/hf`, accessToken, messages }),
    chatCompletion({ endpointUrl: server.url, accessToken, messages }),
  ])
    expect((await thrown(answer)).httpResponse).toMatchObject({ status: 502 });
  expect(server.asked).toHaveLength(3);
});

test.each([
  ['summarization', { inputs: ' ' }, '/inputs must not be empty or blank.'],
  ['summarization', { inputs: [] }, '/inputs must be 1 to 100 texts.'],
  ['summarization', { inputs: 'A.', parameters: { max_length: 0 } }, '/parameters/max_length must be at least 1.'],
  [
    'text-classification',
    { inputs: 'A.', parameters: { top_p: 1 } },
    '/parameters/top_p is not taken; classify-text takes top_k.',
  ],
  ['image-classification', { inputs: 'no base64' }, '/inputs must be standard base64, without a data: prefix.'],
  ['image-classification', 7, 'The body is no image.'],
  ['summarization', 7, 'The body must be an object.'],
])('%s of what does not fit: %j', async (task, body, error) => {
  const answer = await post(task, body, { 'Content-Type': 'application/json' });
  expect([answer.status, await answer.json()]).toEqual([422, { error }]);
  expect(server.desk.taken).toEqual([]);
});

test('the client shows the sentence of an error, also in the midst of a stream', async () => {
  const empty = await thrown(imageClassification({ ...at('image-classification'), inputs: blob(new Uint8Array([1])) }));
  expect(empty.message).toBe('Failed to perform inference: The body is no image.');
  const stranger = await thrown(summarization({ ...at('summarization'), accessToken: 'wrong', inputs: 'A text.' }));
  expect(stranger).toMatchObject({ message: 'Failed to perform inference: There is no such key.' });
  const error = { code: 'child_crashed' as const, message: 'It crashed.' };
  server.desk.plan = { events: [text('Hel')], end: { state: 'failed', error } };
  for (const path of ['', '/hf']) {
    const stream = chatCompletionStream({ endpointUrl: server.url + path, accessToken, messages });
    expect((await thrown(collect(stream))).message).toMatch(/while streaming the response: It crashed\.$/);
  }
});

test('a caller who goes away cancels his job', async () => {
  server.desk.plan = { held: true };
  const gone = new AbortController();
  const answer = summarization({ ...at('summarization'), inputs: 'A text.' }, { signal: gone.signal });
  const canceled = server.desk.nextCancel();
  await expect.poll(() => server.desk.taken.length).toBe(1);
  gone.abort();
  await thrown(answer);
  expect(await canceled).toMatch(/^summarize_/);
});

test('who has waited too long is told so, and the job is canceled', async () => {
  server.desk.plan = { slow: true };
  const error = await thrown(summarization({ ...at('summarization'), inputs: 'A text.' }));
  expect(error.httpResponse).toMatchObject({ status: 504 });
  expect(server.desk.canceled).toHaveLength(1);
});
