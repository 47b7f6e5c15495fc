import {
  chatCompletion,
  chatCompletionStream,
  imageClassification,
  summarization,
  textClassification,
} from '@huggingface/inference';
import { type Client, createClient } from '@slipway/client/client';
import type { Job } from '@slipway/contract/jobs';
import OpenAI from 'openai';
import Replicate from 'replicate';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Stack, startStack } from './stack.ts';

const key = 'a-key-for-the-tests-of-dialects';
const depth = 4;

let stack: Stack;
let native: Client;
let openai: OpenAI;
let replicate: Replicate;
beforeAll(async () => {
  stack = await startStack({
    models: { slow: 512 },
    env: {
      WORKER_CHILDREN: '1',
      API_KEYS: `ada:${key}`,
      RATE_LIMIT: 'off',
      MAX_QUEUE_DEPTH: String(depth),
    },
  });
  native = createClient({ baseUrl: stack.url, apiKey: key });
  openai = new OpenAI({ baseURL: `${stack.url}/v1`, apiKey: key, maxRetries: 0 });
  replicate = new Replicate({ auth: key, baseUrl: `${stack.url}/v1` });
});
afterAll(() => stack?.remove());

const said = 'Say this back to me.';
const messages = [{ role: 'user' as const, content: said }];
const model = 'made/echo';
const bearer = { Authorization: `Bearer ${key}` };
const long = 'The tide turned before noon and the crew waited. '.repeat(400);
/** A red square of 8 by 8 pixels. */
const imageBase64 =
  'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAIAQMAAAD+wSzIAAAAA1BMVEXIHh4WiPieAAAAC0lEQVR4nGNgQAUAABAAATm9j2UAAAAASUVORK5CYII=';
const image = new Blob([Buffer.from(imageBase64, 'base64')]);
const hub = (task: string) => ({ endpointUrl: `${stack.url}/hf/${task}`, accessToken: key });

const headersOf = (error: unknown) => (error as InstanceType<typeof OpenAI.APIError>).headers;

async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const each of stream) all.push(each);
  return all;
}

test('the tutorial: GET / is 200, POST /analyze tells a sentiment', async () => {
  expect((await fetch(stack.url)).status).toBe(200);
  const query = new URLSearchParams({ text: 'A wonderful film, I love it.' });
  const answer = await fetch(`${stack.url}/analyze?${query}`, { method: 'POST', headers: bearer });
  expect([answer.status, await answer.json()]).toEqual([
    200,
    { sentiment: 'POSITIVE', score: expect.closeTo(0.99, 0) },
  ]);
  const empty = await fetch(`${stack.url}/analyze`, { method: 'POST', headers: bearer });
  expect([empty.status, await empty.json()]).toMatchObject([422, { detail: [{ loc: ['query', 'text'] }] }]);
});

test('@huggingface/inference: the three tasks, and chat at the root', async () => {
  const { summary_text: summary } = await summarization({ ...hub('summarization'), inputs: 'The tide turned.' });
  expect(summary).not.toBe('');
  const [label] = await textClassification({ ...hub('text-classification'), inputs: 'A terrible film, I hate it.' });
  expect(label).toMatchObject({ label: 'NEGATIVE' });
  const [colour] = await imageClassification({ ...hub('image-classification'), inputs: image });
  expect(colour).toMatchObject({ label: 'red' });
  // as its Python twin sends it
  const body = JSON.stringify({ inputs: imageBase64, parameters: { top_k: 1 } });
  const answer = await fetch(`${stack.url}/hf/image-classification`, { method: 'POST', headers: bearer, body });
  expect(await answer.json()).toMatchObject([{ label: 'red' }]);
  const endpoint = { endpointUrl: stack.url, accessToken: key, messages };
  const bodies: unknown[] = [];
  const watched: typeof fetch = (url, init) => {
    bodies.push(JSON.parse(String(init?.body)));
    return fetch(url, init);
  };
  expect((await chatCompletion(endpoint, { fetch: watched })).choices[0]?.message.content).toBe(said);
  expect(bodies).toEqual([{ messages, model: stack.url }]);
  const chunks = await collect(chatCompletionStream(endpoint));
  expect(chunks.map(({ choices }) => choices[0]?.delta.content).join('')).toBe(said);
  await expect(summarization({ ...hub('summarization'), inputs: ' ' })).rejects.toThrow(
    'Failed to perform inference: /inputs must not be empty or blank.',
  );
});

test('the native API: an image by upload', async () => {
  const { id } = await native.submitFile('classify-image', image, { topK: 1 });
  expect((await native.wait<'classify-image'>(id)).output?.labels).toMatchObject([{ label: 'red' }]);
});

test('openai: a completion, a stream that comes in pieces, the models, an error', async () => {
  const whole = await openai.chat.completions.create({ model, messages });
  expect(whole.choices[0]).toMatchObject({ message: { content: said }, finish_reason: 'stop' });
  expect(whole.usage?.completion_tokens).toBeGreaterThan(0);
  const stream = await openai.chat.completions.create({
    model,
    messages,
    stream: true,
    stream_options: { include_usage: true },
  });
  const chunks = await collect(stream);
  const pieces = chunks.flatMap(({ choices }) => choices[0]?.delta.content || []);
  expect(pieces.join('')).toBe(said);
  expect(pieces.length).toBeGreaterThan(1);
  expect(chunks.at(-1)?.usage?.total_tokens).toBe(whole.usage?.total_tokens);
  expect((await collect(await openai.models.list())).map(({ id }) => id)).toEqual([model]);
  expect(await openai.models.retrieve(model)).toMatchObject({ id: model });
  const refused = await openai.chat.completions.create({ model, messages, n: 2 }).catch((error: unknown) => error);
  expect(refused).toMatchObject({ status: 400, param: 'n' });
  expect(headersOf(refused)?.get('x-should-retry')).toBe('false');
  const stranger = new OpenAI({ baseURL: `${stack.url}/v1`, apiKey: 'of-nobody-at-all' });
  await expect(stranger.models.list()).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
});

test('replicate: run, a stream without a key, cancel, an error', async () => {
  expect(await replicate.run(model, { input: { prompt: said } })).toBe(said);
  expect(await replicate.run('made/colours', { input: { image, top_k: 1 } })).toMatchObject([{ label: 'red' }]);
  const events = await collect(replicate.stream(model, { input: { prompt: said } }));
  expect(events.at(-1)).toMatchObject({ event: 'done' });
  expect(events.join('')).toBe(said);
  const { id, status } = await replicate.predictions.create({ version: 'summarize', input: { text: long } });
  expect(status).toBe('starting');
  await replicate.predictions.cancel(id);
  const ended = await replicate.wait(await replicate.predictions.get(id), {});
  expect(ended).toMatchObject({ status: 'canceled', output: null });
  expect(await native.get(id)).toMatchObject({ state: 'canceled' });
  await expect(replicate.run(model, { input: { prompt: ' ' } })).rejects.toThrow('/input/prompt must not be empty');
});

test('replicate: a wait that is over first', async () => {
  const prediction = await replicate.predictions.create({ version: 'summarize', input: { text: long }, wait: 1 });
  const job = await native.get(prediction.id);
  await replicate.predictions.cancel(prediction.id);
  // any other word would end the client's `run`, without an output
  expect([prediction.status, job.state]).toEqual(['starting', 'running']);
});

test('callers who go away free the place of their jobs', async () => {
  const gone = new AbortController();
  const waiting = openai.chat.completions.create(
    { model, messages: [{ role: 'user', content: 'again '.repeat(200) }], max_tokens: 1500 },
    { signal: gone.signal },
  );
  const streaming = await openai.chat.completions.create({
    model,
    messages: [{ role: 'user', content: 'again '.repeat(200) }],
    max_tokens: 1500,
    stream: true,
  });
  const asked = summarization({ ...hub('summarization'), inputs: long }, { signal: gone.signal });
  await expect.poll(async () => (await unfinished()).length, { timeout: 10_000 }).toBe(3);
  gone.abort();
  await expect(waiting).rejects.toThrow();
  await expect(asked).rejects.toThrow();
  streaming.controller.abort();
  await expect.poll(unfinished, { timeout: 10_000 }).toEqual([]);
});

test('overload is 429 for every client, with a time to come back', async () => {
  const worker = await stack.pid('worker');
  process.kill(worker, 'SIGSTOP'); // or a job that ends, or one that was cancelled before, would leave a place
  const jobs: Job[] = [];
  try {
    // a count that is a moment old may refuse one too early
    while ((await unfinished()).length < depth)
      await native.submit('summarize', { text: long }, {}, { outageMs: 0 }).then(
        (job) => jobs.push(job),
        (error) => expect(error).toMatchObject({ code: 'queue_full' }),
      );
    const limited = { status: 429, code: 'queue_full' };
    const error = await openai.chat.completions.create({ model, messages }).catch((error: unknown) => error);
    expect(error).toMatchObject(limited);
    expect(Number(headersOf(error)?.get('retry-after'))).toBeGreaterThan(0);
    expect(headersOf(error)?.has('x-should-retry')).toBe(false);
    await expect(summarization({ ...hub('summarization'), inputs: 'A text.' })).rejects.toMatchObject({
      httpResponse: { status: 429, body: { error: expect.any(String) } },
    });
    await expect(chatCompletion({ endpointUrl: stack.url, accessToken: key, messages })).rejects.toMatchObject({
      httpResponse: { status: 429 },
    });
    await expect(replicate.run(model, { input: { prompt: said } })).rejects.toThrow('"status":429');
    const analyzed = await fetch(`${stack.url}/analyze?text=a`, { method: 'POST', headers: bearer });
    expect([analyzed.status, Object.keys((await analyzed.json()) as object)]).toEqual([429, ['detail']]);
  } finally {
    process.kill(worker, 'SIGCONT');
    await Promise.all(jobs.map(({ id }) => native.cancel(id)));
  }
});

/** Ids of the jobs that wait or run. One list after the other, or a job that begins between them would be in neither. */
async function unfinished(): Promise<string[]> {
  const ids: string[] = [];
  for (const state of ['queued', 'running']) {
    const answer = await fetch(`${stack.url}/api/v1/jobs?state=${state}`, { headers: bearer });
    ids.push(...((await answer.json()) as { jobs: { id: string }[] }).jobs.map(({ id }) => id));
  }
  return ids;
}
