import { CodedError } from '@slipway/contract/problems';
import OpenAI, { type APIError } from 'openai';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { collect, startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
let openai: OpenAI;
beforeEach(async () => {
  server = await startTestServer();
  openai = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'ada' });
});
afterEach(() => server.close());

const model = 'made/echo';
const messages = [{ role: 'user' as const, content: 'Say hello.' }];
const text = (text: string) => ({ type: 'output' as const, text });
const running = { type: 'state' as const, state: 'running' as const };

/** What the client throws. */
const thrown = (answer: Promise<unknown>) =>
  answer.then(
    () => expect.unreachable('the client was content'),
    (error: unknown) => error as APIError,
  );

test('a completion is a chat job with the settings that the client names in its own way', async () => {
  const answer = await openai.chat.completions.create({
    model,
    messages: [
      { role: 'developer', content: 'Be short.' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Say ' },
          { type: 'text', text: 'hello.' },
        ],
      },
    ],
    max_completion_tokens: 12,
    temperature: 0.5,
    stop: 'END',
    seed: 3,
    n: 1,
    user: 'somebody',
  });
  expect(server.desk.taken).toMatchObject([
    {
      task: 'chat',
      input: {
        messages: [
          { role: 'system', content: 'Be short.' },
          { role: 'user', content: 'Say hello.' },
        ],
      },
      options: { maxTokens: 12, temperature: 0.5, stop: ['END'], seed: 3 },
    },
  ]);
  expect(answer).toMatchObject({
    object: 'chat.completion',
    model,
    choices: [{ index: 0, message: { role: 'assistant', content: 'Hello there.' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 },
  });
});

test('max_tokens, the older name, and a list of stops', async () => {
  await openai.chat.completions.create({ model, messages, max_tokens: 9, stop: ['a', 'b'] });
  expect(server.desk.taken[0]?.options).toMatchObject({ maxTokens: 9, stop: ['a', 'b'] });
});

test('a stream brings the text as it grows, how it ended and, when asked for, the count of tokens', async () => {
  server.desk.plan = { events: [running, text('Hello '), text('there')] };
  const stream = await openai.chat.completions.create({
    model,
    messages,
    stream: true,
    stream_options: { include_usage: true },
  });
  const chunks = await collect(stream);
  expect(chunks.map(({ choices }) => choices[0]?.delta.content).filter(Boolean)).toEqual(['Hello ', 'there', '.']);
  expect(chunks.map(({ choices }) => choices[0]?.finish_reason).filter(Boolean)).toEqual(['stop']);
  expect(chunks.map(({ usage }) => usage).filter(Boolean)).toMatchObject([{ total_tokens: 18 }]);
  expect(new Set(chunks.map(({ id, object, model }) => `${id} ${object} ${model}`)).size).toBe(1);
});

test('the stream as it is on the wire: comments while nothing is told, and [DONE]', async () => {
  server.desk.plan = { events: [running, text('Hello there.')] };
  const answer = await fetch(`${server.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ messages, stream: true }),
  });
  expect(answer.headers.get('Content-Type')).toBe('text/event-stream');
  expect(answer.headers.get('X-Accel-Buffering')).toBe('no');
  const body = await answer.text();
  expect(body).toMatch(/^: still there$/m);
  expect(body).toMatch(/\n\ndata: \[DONE\]\n\n$/);
  expect(body).not.toContain('"usage"');
});

test('an attempt that begins anew repeats nothing, and one that says other things is an error', async () => {
  server.desk.plan = { events: [running, text('Hello '), running, text('Hel'), text('lo there.')] };
  const again = await collect(await openai.chat.completions.create({ model, messages, stream: true }));
  expect(again.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe('Hello there.');

  server.desk.plan = { events: [running, text('Hello '), running, text('Good day')] };
  const other = openai.chat.completions.create({ model, messages, stream: true });
  expect(await thrown(other.then((stream) => collect(stream)))).toMatchObject({ code: 'worker_lost' });
});

test('models: the one that chats, by its id with and without an escaped slash', async () => {
  expect(await collect(await openai.models.list())).toMatchObject([{ id: model, object: 'model' }]);
  expect(await openai.models.retrieve(model)).toMatchObject({ id: model, owned_by: 'made' });
  expect((await fetch(`${server.url}/v1/models/${model}`)).status).toBe(200);
  const error = await thrown(openai.models.retrieve('gpt-9'));
  expect(error).toBeInstanceOf(OpenAI.NotFoundError);
  expect(error).toMatchObject({ status: 404, code: 'model_not_found', param: 'model', type: 'invalid_request_error' });
});

test('overload: the client comes back after the time it is told, and tells the user when it is told again', async () => {
  server.desk.plan = { refuse: new CodedError('queue_full', 'The queue is full.', { retryAfterSeconds: 0 }) };
  const error = await thrown(openai.chat.completions.create({ model, messages }));
  expect(error).toBeInstanceOf(OpenAI.RateLimitError);
  expect(error).toMatchObject({ status: 429, code: 'queue_full', type: 'rate_limit_error' });
  expect(error.headers?.get('retry-after')).toBe('0');
  expect(server.asked).toEqual(Array(3).fill('POST /v1/chat/completions 429'));
});

test('a queue that cannot be reached is never 503: the client of the Hub asks here too', async () => {
  server.desk.plan = { refuse: new CodedError('queue_unavailable', 'Redis is away.', { retryAfterSeconds: 0 }) };
  const error = await thrown(openai.chat.completions.create({ model, messages, stream: true }));
  expect(error).toMatchObject({ status: 502, code: 'queue_unavailable', type: 'server_error' });
  expect(server.asked).toHaveLength(3);
});

test.each([
  ['failed', 'child_crashed', 500],
  ['failed', 'time_limit', 504],
  ['expired', 'deadline_exceeded', 504],
  ['canceled', 'canceled', 409],
] as const)('a job that %s with %s is told once, as %i', async (state, code, status) => {
  server.desk.plan = { end: { state, error: { code, message: 'That was it.' } } };
  const error = await thrown(openai.chat.completions.create({ model, messages }));
  expect(error).toMatchObject({ status, code, message: `${status} That was it.` });
  expect(server.asked).toHaveLength(1);
});

test('a job that fails in the midst of a stream ends it with an error', async () => {
  const error = { code: 'child_crashed' as const, message: 'It crashed.' };
  server.desk.plan = { events: [running, text('Hel')], end: { state: 'failed', error } };
  const stream = await openai.chat.completions.create({ model, messages, stream: true });
  expect(await thrown(collect(stream))).toMatchObject({ code: 'child_crashed', message: 'It crashed.' });
});

test.each([
  [{ n: 2 }, 'n'],
  [{ tools: [{ type: 'function' as const, function: { name: 'f' } }] }, 'tools'],
  [{ response_format: { type: 'json_object' as const } }, 'response_format'],
  [{ max_tokens: -1 }, 'max_tokens'],
  [{ max_completion_tokens: 1e6 }, 'max_completion_tokens'],
  [{ temperature: 9 }, 'temperature'],
  [{ messages: [...messages, ...messages] }, 'messages[1].role'],
  [
    { messages: [{ role: 'user' as const, content: [{ type: 'image_url', image_url: { url: 'x' } }] as never }] },
    'messages[0].content[0]',
  ],
])('what cannot be done is a 400 that names the parameter: %j', async (more, param) => {
  const error = await thrown(openai.chat.completions.create({ model, messages, ...more }));
  expect(error).toBeInstanceOf(OpenAI.BadRequestError);
  expect(error).toMatchObject({ code: 'invalid_input', param });
  expect(server.desk.taken).toEqual([]);
});

test('another model and a wrong key', async () => {
  const error = await thrown(openai.chat.completions.create({ model: 'gpt-9', messages }));
  expect(error).toMatchObject({ status: 404, code: 'model_not_found', param: 'model' });
  const stranger = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'wrong' });
  expect(await thrown(stranger.chat.completions.create({ model, messages }))).toBeInstanceOf(
    OpenAI.AuthenticationError,
  );
});

test('a caller who goes away cancels the job, waiting or streaming', async () => {
  server.desk.plan = { held: true, events: [running, text('Hel')] };
  for (const stream of [false, true]) {
    const gone = new AbortController();
    const canceled = server.desk.nextCancel();
    const answer = openai.chat.completions.create({ model, messages, stream }, { signal: gone.signal });
    if (stream) for await (const _ of (await answer) as AsyncIterable<unknown>) break;
    else await expect.poll(() => server.desk.taken.length).toBe(1);
    gone.abort();
    if (!stream) await thrown(answer);
    expect(await canceled).toMatch(/^chat_/);
  }
});

test('who has waited too long is told so once, and the job is canceled', async () => {
  server.desk.plan = { slow: true };
  const error = await thrown(openai.chat.completions.create({ model, messages }));
  expect(error).toMatchObject({ status: 504, code: 'deadline_exceeded' });
  const stream = await openai.chat.completions.create({ model, messages, stream: true });
  expect(await thrown(collect(stream))).toMatchObject({ code: 'deadline_exceeded' });
  expect(server.asked).toHaveLength(2);
  expect(server.desk.canceled).toHaveLength(2);
});

test('a gateway that stops ends a stream with an error, not as if it was whole', async () => {
  server.desk.plan = { held: true, events: [running, text('Hel')] };
  const stream = await openai.chat.completions.create({ model, messages, stream: true });
  const all = thrown(collect(stream));
  server.stop();
  expect(await all).toMatchObject({ code: 'upstream_unavailable' });
});
