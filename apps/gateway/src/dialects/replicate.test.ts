import { CodedError } from '@slipway/contract/problems';
import Replicate from 'replicate';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { signStream } from './stream-token.ts';
import { collect, png, startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
let replicate: Replicate;
beforeEach(async () => {
  server = await startTestServer();
  replicate = new Replicate({ auth: 'ada', baseUrl: `${server.url}/v1` });
});
afterEach(() => server.close());

const text = (text: string) => ({ type: 'output' as const, text });
const input = { text: 'A long text.' };

const thrown = (answer: Promise<unknown>) =>
  answer.then(
    () => expect.unreachable('the client was content'),
    (error: unknown) => error as Error & { response: Response },
  );

test('run waits for the output of the model', async () => {
  expect(await replicate.run('made/copier', { input: { ...input, max_tokens: 90 } })).toBe('In short.');
  expect(server.asked).toEqual(['POST /v1/models/made/copier/predictions 201']);
  expect(server.desk.taken).toMatchObject([
    { task: 'summarize', input, options: { model: 'made/copier', engine: 'transformers', maxTokens: 90 } },
  ]);
});

test('a task stands for its model: as slipway/<task>, and as a version', async () => {
  expect(await replicate.run('slipway/chat', { input: { prompt: 'Hi.', system_prompt: 'Be short.' } })).toBe(
    'Hello there.',
  );
  expect(await replicate.run('any/name:classify-text', { input })).toMatchObject([{ label: 'POSITIVE' }, {}]);
  expect(server.desk.taken).toMatchObject([
    {
      input: {
        messages: [
          { role: 'system', content: 'Be short.' },
          { role: 'user', content: 'Hi.' },
        ],
      },
    },
    { task: 'classify-text', input },
  ]);
  expect(server.desk.taken[0]?.options).not.toHaveProperty('model');
  await replicate.run('slipway/summarize', { input });
  expect(server.desk.taken.at(-1)?.options).toMatchObject({ engine: 'auto' });
});

test('bytes of an image come as a data: URI', async () => {
  const image = new Blob([png], { type: 'image/png' });
  expect(await replicate.run('made/colours', { input: { image, top_k: 1 } })).toEqual([{ label: 'red', score: 0.9 }]);
  expect(server.desk.taken).toMatchObject([
    { input: { imageBase64: Buffer.from(png).toString('base64') }, options: { topK: 1 } },
  ]);
  expect(server.asked[0]).toBe('POST /v1/files 501');
});

test('a wait that is over before the job is: the client asks on, and gets its output', async () => {
  server.desk.plan = { slow: true };
  const told: string[] = [];
  const output = await replicate.run('made/copier', { input }, ({ status }) => told.push(status));
  expect(output).toBe('In short.');
  // the job ran already; any word but this one would have been taken for the end
  expect(told).toEqual(['starting', 'succeeded']);
});

test('without a wait the prediction comes at once, and is asked for until its end', async () => {
  const created = await replicate.predictions.create({ model: 'made/echo', input: { prompt: 'Hi.' } });
  const { id, urls } = created;
  expect(created).toMatchObject({ status: 'starting', output: null, error: null, model: 'slipway/chat', input: {} });
  expect(urls.get).toBe(`${server.url}/v1/predictions/${id}`);
  expect(await replicate.predictions.get(id)).toMatchObject({ id, status: 'processing' });
  expect(await replicate.predictions.get(id)).toMatchObject({
    status: 'succeeded',
    output: 'Hello there.',
    metrics: { predict_time: 1.5 },
  });
});

test('cancel', async () => {
  server.desk.plan = { held: true };
  const { id } = await replicate.predictions.create({ version: 'summarize', input });
  expect(await replicate.predictions.cancel(id)).toMatchObject({ id, status: 'canceled', output: null });
  expect(server.desk.canceled).toEqual([id]);
});

test('run with a signal cancels', async () => {
  server.desk.plan = { held: true };
  const gone = new AbortController();
  const answer = replicate.run('made/copier', { input, wait: { mode: 'poll' }, signal: gone.signal }, () =>
    gone.abort(),
  );
  expect(await answer).toBe(null);
  expect(server.desk.canceled).toHaveLength(1);
});

test('a caller who goes away before he knows the id cancels the job', async () => {
  server.desk.plan = { held: true };
  const gone = new AbortController();
  const canceled = server.desk.nextCancel();
  const asked = fetch(`${server.url}/v1/predictions`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Prefer: 'wait=5' },
    body: JSON.stringify({ version: 'summarize', input }),
    signal: gone.signal,
  });
  await expect.poll(() => server.desk.taken.length).toBe(1);
  gone.abort();
  await thrown(asked);
  expect(await canceled).toMatch(/^summarize_/);
});

test.each(['failed', 'expired'] as const)('a job that %s has failed', async (state) => {
  server.desk.plan = { end: { state, error: { code: 'time_limit', message: 'It took too long.' } } };
  const { message } = await thrown(replicate.run('made/copier', { input }));
  expect(message).toBe('Prediction failed: It took too long.');
});

test('a stream brings the text as it grows, without a key', async () => {
  server.desk.plan = { events: [text('In '), text('sho')] };
  const events = await collect(replicate.stream('made/copier', { input }));
  expect(events.map(({ event, data }) => [event, data])).toEqual([
    ['output', 'In '],
    ['output', 'sho'],
    ['output', 'rt.'],
    ['done', '{}'],
  ]);
  server.desk.plan = {};
  const [labels] = await collect(replicate.stream('made/lexicon', { input }));
  expect(JSON.parse(labels?.data ?? '')).toMatchObject([{ label: 'POSITIVE' }, {}]);
});

test('a stream of a job that fails, is canceled, or is cut', async () => {
  server.desk.plan = { end: { state: 'failed', error: { code: 'child_crashed', message: 'It crashed.' } } };
  expect(await thrown(collect(replicate.stream('made/copier', { input })))).toMatchObject({ message: 'It crashed.' });
  server.desk.plan = { end: { state: 'canceled' } };
  expect(await collect(replicate.stream('made/copier', { input }))).toMatchObject([
    { event: 'done', data: '{"reason":"canceled"}' },
  ]);
  server.desk.plan = { held: true };
  const cut = thrown(collect(replicate.stream('made/copier', { input })));
  await expect.poll(() => server.asked.at(-1)).toMatch(/\/stream 200$/);
  server.stop();
  expect(await cut).toMatchObject({ message: 'The gateway stops. Try again in a moment.' });
  expect(server.desk.canceled).toEqual([]);
});

test('HEAD on a stream begins none', async () => {
  const { id, urls } = await replicate.predictions.create({ version: 'chat', input: { prompt: 'Hi.' } });
  const follow = vi.spyOn(server.desk, 'follow');
  const head = (url: string) => fetch(url, { method: 'HEAD' });
  const answer = await head(urls.stream ?? '');
  expect([answer.status, answer.headers.get('Content-Type')]).toEqual([200, 'text/event-stream']);
  const token = signStream(new Uint8Array(32).fill(7), id, 'eve', Date.now());
  expect((await head(`${urls.get}/stream?token=${token}`)).status).toBe(404);
  expect(follow).not.toHaveBeenCalled();
});

test('the address of a stream opens that stream only, of that owner, for a while', async () => {
  const { id, urls } = await replicate.predictions.create({ version: 'chat', input: { prompt: 'Hi.' } });
  const other = await replicate.predictions.create({ version: 'chat', input: { prompt: 'Hi.' } });
  const open = async (url: string) => (await fetch(url)).status;
  expect(await open(urls.stream ?? '')).toBe(200);
  expect(await open((other.urls.stream ?? '').replace(other.id, id))).toBe(401);
  expect(await open(`${urls.get}/stream`)).toBe(401);
  expect(await open(`${urls.get}/stream?token=e30.e30`)).toBe(401);
  const secret = new Uint8Array(32).fill(7);
  expect(await open(`${urls.get}/stream?token=${signStream(secret, id, 'eve', Date.now())}`)).toBe(404);
  expect(await open(`${urls.get}/stream?token=${signStream(secret, id, 'ada', Date.now() - 3_600_000)}`)).toBe(401);
});

test('point 19: behind a proxy the addresses are those of the outside', async () => {
  const answer = await fetch(`${server.url}/v1/predictions`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Forwarded-Proto': 'https, http' },
    body: JSON.stringify({ version: 'summarize', input }),
  });
  const { urls } = (await answer.json()) as { urls: Record<string, string> };
  const outside = `https://${new URL(server.url).host}/v1/predictions/`;
  expect(Object.values(urls).every((url) => url.startsWith(outside))).toBe(true);
});

test('overload: the client asks five times more and then tells what it read', async () => {
  server.desk.plan = { refuse: new CodedError('queue_full', 'The queue is full.', { retryAfterSeconds: 9 }) };
  const error = await thrown(replicate.run('made/copier', { input }));
  expect(error.message).toContain('{"detail":"The queue is full.","status":429}');
  expect(error.response.headers.get('retry-after')).toBe('9');
  expect(server.asked).toEqual(Array(6).fill('POST /v1/models/made/copier/predictions 429'));
});

test.each([
  ['made/unknown', { input }, 404, 'There is no such model or version here.'],
  ['made/copier', { input: {} }, 422, '/input/text is required.'],
  ['made/copier', { input: { ...input, max_tokens: 0 } }, 422, '/input/max_tokens must be at least 1.'],
  ['made/copier', { input: { ...input, top_p: 1 } }, 422, '/input/top_p is not a known field.'],
  [
    'made/colours',
    { input: { image: 'https://example.com/a.png' } },
    422,
    '/input/image must be a data: URI: nothing is fetched here.',
  ],
  ['made/echo', { input: { prompt: ' ' } }, 422, '/input/prompt must not be empty or blank.'],
  ['made/copier', { input, webhook: 'https://example.com' }, 422, '/webhook is not taken here'],
] as const)('%s of what does not fit is told with its field: %j', async (model, options, status, detail) => {
  const error = await thrown(replicate.run(model, options as never));
  expect(error.response.status).toBe(status);
  expect(error.message).toContain(`{"detail":"${detail}`);
  expect(server.desk.taken).toEqual([]);
});

test('a wrong key, and the prediction of another key', async () => {
  const { id } = await replicate.predictions.create({ version: 'summarize', input });
  for (const [auth, status] of [
    ['wrong', 401],
    ['eve', 404],
  ] as const) {
    const stranger = new Replicate({ auth, baseUrl: `${server.url}/v1` });
    expect((await thrown(stranger.predictions.get(id))).response.status).toBe(status);
  }
});
