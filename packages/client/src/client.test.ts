import type { Job } from '@slipway/contract/jobs';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createClient } from './client.ts';
import { ProblemError, UnreachableError } from './errors.ts';
import type { Fetch } from './request.ts';
import { clientOf, json, page, unreachable } from './test-client.ts';
import { failed, problem, queued, running, succeeded } from './test-jobs.ts';

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

test('submit takes a deadline and a time limit', async () => {
  const { client, calls } = clientOf(() => json(queued, 202));
  const deadline = new Date('2030-01-31T12:00:00Z');
  await client.submit('summarize', { text: 'Long.' }, undefined, { deadline, timeLimitMs: 5000 });
  expect(JSON.parse(String(calls[0]?.[1].body))).toEqual({
    task: 'summarize',
    input: { text: 'Long.' },
    deadline: '2030-01-31T12:00:00.000Z',
    timeLimitMs: 5000,
  });
});

test('submitFile posts a form, the file last and with its name', async () => {
  const { client, calls } = clientOf(() => json(queued, 202));
  const file = new File(['Long.'], 'größe.pdf', { type: 'application/pdf' });
  const terms = { deadline: '2030-01-31T12:00:00Z', timeLimitMs: 5000 };
  expect(await client.submitFile('summarize', file, { length: 'short' }, terms)).toEqual(queued);
  const { method, headers, body } = calls[0]?.[1] ?? {};
  expect(method).toBe('POST');
  expect(new Headers(headers).get('content-type')).toBeNull(); // fetch writes the boundary
  const [sent, ...others] = [...(body as FormData).entries()].reverse();
  expect(others.reverse()).toEqual([
    ['task', 'summarize'],
    ['options', '{"length":"short"}'],
    ['deadline', '2030-01-31T12:00:00Z'],
    ['timeLimitMs', '5000'],
  ]);
  expect(sent).toEqual(['file', file]);
});

test('cancel asks again in an outage', async () => {
  const { client, calls } = clientOf(
    unreachable,
    () => json({ ...problem, status: 429 }, 429),
    () => json(failed),
  );
  const canceled = client.cancel(queued.id);
  await vi.runAllTimersAsync();
  expect(await canceled).toEqual(failed);
  expect(calls).toHaveLength(3);
  expect(calls[2]?.[0]).toBe(`https://slip.test${queued.urls.cancel}`);
  expect(calls[2]?.[1].method).toBe('POST');
});

test('result is the bare output, read by the task that the id names', async () => {
  const { client, calls } = clientOf(
    () => json({ summary: 'Short.' }),
    () => json({ labels: [] }),
    () => json({ ...problem, status: 409, code: 'job_unfinished' }, 409),
  );
  expect(await client.result<'summarize'>(queued.id)).toEqual({ summary: 'Short.' });
  expect(calls[0]?.[0]).toBe(`https://slip.test${queued.urls.result}`);
  await expect(client.result(queued.id)).rejects.toThrow(UnreachableError);
  await expect(client.result(queued.id)).rejects.toMatchObject({ status: 409, code: 'job_unfinished' });
});

test('a problem with a code that is not known here is a ProblemError all the same', async () => {
  const { client } = clientOf(() => json({ ...problem, code: 'from_the_future' }, 400));
  const error = await client.get(queued.id).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ProblemError);
  expect(error).toMatchObject({ code: 'from_the_future', status: 400 });
});

test.each([
  ['no answer', unreachable, undefined],
  ["a proxy's page", () => new Response('<h1>Bad gateway</h1>', { status: 502 }), 502],
  ['JSON of another shape', () => json({ hello: 'world' }), 200],
  ["an output that isn't the task's", () => json({ ...succeeded, output: { summary: 7 } }), 200],
])('%s becomes an UnreachableError', async (_, answer, status) => {
  const { client } = clientOf(answer);
  const error = await client.get(queued.id, { outageMs: 0 }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UnreachableError);
  expect((error as UnreachableError).status).toBe(status);
});

test('an answer that never comes becomes an UnreachableError', async () => {
  const send: Fetch = (_, { signal }) => new Promise((_, reject) => signal?.addEventListener('abort', reject));
  const answer = createClient({ baseUrl: 'https://slip.test', fetch: send }).get(queued.id, { outageMs: 0 });
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

test('wait without a stream tells each change once and returns the ended job', async () => {
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
  [undefined, [0, 300, 360, 432, 518, 622, 746, 895, 1000, 1000]],
  [400, [0, 300, 360, 400, 400]],
  [100, [0, 100, 100]],
])(
  'with everyMs %s wait without a stream, from a service that holds no answer, pauses for %j ms',
  async (everyMs, pauses) => {
    const looks: number[] = [];
    const send: Fetch = async (url) => {
      if (url.endsWith('/events')) return page();
      looks.push(performance.now());
      return json(looks.length > pauses.length ? succeeded : queued);
    };
    const job = createClient({ baseUrl: 'https://slip.test', fetch: send }).wait(queued.id, { everyMs });
    await vi.runAllTimersAsync();
    await job;
    expect(looks.slice(1).map((at, index) => Math.round(at - (looks[index] ?? 0)))).toEqual(pauses);
  },
);

test('wait returns a failed job rather than throwing', async () => {
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
  expect(performance.now() - started).toBeGreaterThanOrEqual(300 + 450 + 5000);
});

test.each([
  ['a problem of the request', () => json({ ...problem, status: 404, code: 'job_not_found' }, 404), ProblemError],
  ["an answer that isn't ours", page, UnreachableError],
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
  expect(calls).toHaveLength(2);
  expect(vi.getTimerCount()).toBe(0);

  const during = new AbortController();
  const send: Fetch = (_, { signal }) => new Promise((_, reject) => signal?.addEventListener('abort', reject));
  const hanging = createClient({ baseUrl: 'https://slip.test', fetch: send });
  const second = expect(hanging.wait(queued.id, { signal: during.signal })).rejects.toThrow('enough');
  during.abort(new Error('enough'));
  await second;
  expect(vi.getTimerCount()).toBe(0);
});
