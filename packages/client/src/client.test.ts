import type { Job } from '@slipway/contract/jobs';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createClient } from './client.ts';
import { ProblemError, UnreachableError } from './errors.ts';
import type { Fetch } from './request.ts';

const queued: Job = {
  id: 'summarize_AAAAAAAAAAAAAAAAAAAAAA',
  task: 'summarize',
  state: 'queued',
  position: 2,
  progress: null,
  engine: null,
  engineReason: null,
  model: null,
  metrics: { queuedMs: null, runMs: null, inputTokens: null, outputTokens: null },
  attempts: 0,
  createdAt: '2026-01-02T03:04:05.000Z',
  startedAt: null,
  finishedAt: null,
  urls: { self: '/api/v1/jobs/summarize_AAAAAAAAAAAAAAAAAAAAAA' },
};
const { position: _, ...unplaced } = queued;
const running: Job = { ...unplaced, state: 'running', progress: { ratio: 0.5, stage: 'read', message: 'Half' } };
const succeeded: Job = { ...unplaced, state: 'succeeded', output: { summary: 'Short.' } };
const problem = {
  type: 'about:blank',
  title: 'Bad request',
  status: 400,
  code: 'invalid_input',
  detail: 'The input has a fault.',
  requestId: 'r1',
  errors: [{ pointer: '/input/text', message: 'must not be empty or blank' }],
};

const json = (body: unknown, status = 200) => Response.json(body, { status });
const unreachable = () => Promise.reject(new TypeError('fetch failed'));

/** A client whose service gives these answers in turn, the last one for ever. */
function clientOf(...answers: (() => Response | Promise<Response>)[]) {
  const calls: [string, RequestInit][] = [];
  const send: Fetch = async (url, init) => {
    calls.push([url, init]);
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (!answer) throw new Error('no answer given');
    return answer();
  };
  return { client: createClient({ baseUrl: 'https://slip.test/', fetch: send }), calls };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('submit posts the task as JSON and returns the job', async () => {
  const { client, calls } = clientOf(() => json(queued, 202));
  expect(await client.submit('summarize', { text: 'Long.' }, { length: 'short' })).toEqual(queued);
  expect(calls[0]?.[0]).toBe('https://slip.test/api/v1/jobs');
  expect(calls[0]?.[1].method).toBe('POST');
  expect(new Headers(calls[0]?.[1].headers).get('content-type')).toBe('application/json');
  expect(JSON.parse(String(calls[0]?.[1].body))).toEqual({
    task: 'summarize',
    input: { text: 'Long.' },
    options: { length: 'short' },
  });
});

test('a problem becomes a ProblemError with everything it says', async () => {
  const { client } = clientOf(() => json(problem, 400));
  const error = await client.submit('summarize', { text: '' }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ProblemError);
  expect(error).toMatchObject({
    message: problem.detail,
    status: 400,
    code: 'invalid_input',
    detail: problem.detail,
    errors: problem.errors,
    requestId: 'r1',
  });
});

test.each([
  ['no answer', unreachable, undefined],
  ["a proxy's page", () => new Response('<h1>Bad gateway</h1>', { status: 502 }), 502],
  ['JSON of another shape', () => json({ hello: 'world' }), 200],
  ["an output that isn't the task's", () => json({ ...succeeded, output: { summary: 7 } }), 200],
])('%s becomes an UnreachableError', async (_, answer, status) => {
  const { client } = clientOf(answer);
  const error = await client.get(queued.id).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UnreachableError);
  expect((error as UnreachableError).status).toBe(status);
});

test('an answer that never comes becomes an UnreachableError', async () => {
  const send: Fetch = (_, { signal }) => new Promise((_, reject) => signal?.addEventListener('abort', reject));
  const answer = createClient({ baseUrl: 'https://slip.test', fetch: send }).get(queued.id);
  const refused = expect(answer).rejects.toThrow('no answer within 15 seconds');
  await vi.advanceTimersByTimeAsync(15_000);
  await refused;
});

test('readiness is read from a 503 too', async () => {
  const body = { ready: false, parts: [{ name: 'worker', state: 'down', reason: 'None has called.' }], tasks: {} };
  const { client, calls } = clientOf(() => json(body, 503));
  expect(await client.readiness()).toEqual(body);
  expect(calls[0]?.[0]).toBe('https://slip.test/readyz');
});

test('wait tells each change once and returns the ended job', async () => {
  const { client } = clientOf(
    () => json(queued),
    () => json(queued),
    () => json({ ...queued, position: 1 }),
    () => json(running),
    () => json(running),
    () => json(succeeded),
  );
  const seen: string[] = [];
  const onUpdate = (job: Job) => seen.push(`${job.state} ${job.position ?? job.progress?.ratio ?? ''}`);
  const job = client.wait<'summarize'>(queued.id, { onUpdate });
  await vi.runAllTimersAsync();
  expect((await job).output?.summary).toBe('Short.');
  expect(seen).toEqual(['queued 2', 'queued 1', 'running 0.5', 'succeeded ']);
});

test.each([
  [undefined, [300, 360, 432, 518, 622, 746, 895, 1000, 1000]],
  [400, [300, 360, 400, 400]],
  [100, [100, 100, 100]],
])('with everyMs %s wait pauses for %j ms', async (everyMs, pauses) => {
  const looks: number[] = [];
  const send: Fetch = async () => {
    looks.push(performance.now());
    return json(looks.length > pauses.length ? succeeded : queued);
  };
  const job = createClient({ baseUrl: 'https://slip.test', fetch: send }).wait(queued.id, { everyMs });
  await vi.runAllTimersAsync();
  await job;
  expect(looks.slice(1).map((at, index) => Math.round(at - (looks[index] ?? 0)))).toEqual(pauses);
});

test('wait returns a failed job rather than throwing', async () => {
  const failed = { ...unplaced, state: 'failed', error: { code: 'time_limit', message: 'Took too long.' } };
  const { client } = clientOf(() => json(failed));
  expect((await client.wait(queued.id)).error?.message).toBe('Took too long.');
});

test('wait outlasts a short outage', async () => {
  const { client } = clientOf(
    () => json(running),
    unreachable,
    () => new Response('<h1>Bad gateway</h1>', { status: 502 }),
    () => json({ ...problem, status: 503, code: 'queue_unavailable' }, 503),
    () => new Response('', { status: 504 }),
    () => json(succeeded),
  );
  const job = client.wait(queued.id);
  await vi.runAllTimersAsync();
  expect((await job).state).toBe('succeeded');
});

test('wait gives up when the outage lasts, and each outage has its own time', async () => {
  const { client } = clientOf(unreachable, unreachable, () => json(running), unreachable);
  const refused = expect(client.wait(queued.id, { outageMs: 5000, everyMs: 1000 })).rejects.toThrow(UnreachableError);
  const started = performance.now();
  await vi.runAllTimersAsync();
  await refused;
  // the second outage begins with the fourth look
  expect(performance.now() - started).toBeGreaterThan(300 + 360 + 432 + 5000);
});

test.each([
  ['a problem of the request', () => json({ ...problem, status: 404, code: 'job_not_found' }, 404), ProblemError],
  ["an answer that isn't ours", () => new Response('<h1>Sign in</h1>'), UnreachableError],
])('wait throws %s at once', async (_, answer, kind) => {
  const { client, calls } = clientOf(answer);
  await expect(client.wait(queued.id)).rejects.toThrow(kind);
  expect(calls).toHaveLength(1);
});

test('wait stops on its signal, between two looks and during one', async () => {
  const between = new AbortController();
  const { client, calls } = clientOf(() => json(queued));
  const first = expect(client.wait(queued.id, { signal: between.signal })).rejects.toThrow('enough');
  await vi.advanceTimersByTimeAsync(100);
  between.abort(new Error('enough'));
  await first;
  expect(calls).toHaveLength(1);
  expect(vi.getTimerCount()).toBe(0);

  const during = new AbortController();
  const send: Fetch = (_, { signal }) => new Promise((_, reject) => signal?.addEventListener('abort', reject));
  const hanging = createClient({ baseUrl: 'https://slip.test', fetch: send });
  const second = expect(hanging.wait(queued.id, { signal: during.signal })).rejects.toThrow('enough');
  during.abort(new Error('enough'));
  await second;
  expect(vi.getTimerCount()).toBe(0);
});
