import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ProblemError, UnreachableError } from './errors.ts';
import { clientOf, clientWith, json, unreachable } from './test-client.ts';
import { problem, queued } from './test-jobs.ts';

const keys = (calls: [string, RequestInit][]) =>
  calls.map(([, init]) => new Headers(init.headers).get('idempotency-key'));
const busy = (headers: Record<string, string>) => () =>
  json({ ...problem, status: 429, code: 'queue_full' }, 429, headers);
const text = { text: 'Long.' };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** The outcome, with all pauses passed over. */
async function settled<T>(promise: Promise<T>): Promise<T | Error> {
  const outcome = promise.catch((thrown: Error) => thrown);
  await vi.runAllTimersAsync();
  return outcome;
}

test.each<[string, () => Response | Promise<Response>]>([
  ['a lost connection', unreachable],
  ['a proxy that misses the service', () => new Response('<h1>Bad gateway</h1>', { status: 502 })],
  ['a service without its queue', () => json({ ...problem, status: 503, code: 'queue_unavailable' }, 503)],
  ['a proxy that waits no longer', () => new Response('', { status: 504 })],
  ['an answer that was cut', () => new Response(new ReadableStream({ start: (c) => c.error(new TypeError('cut')) }))],
  ['too many requests', busy({})],
])('after %s a submission is sent again under the same key', async (_, answer) => {
  const { client, calls } = clientOf(answer, () => json(queued, 202));
  expect(await settled(client.submit('summarize', text))).toEqual(queued);
  const [first, second] = keys(calls);
  expect(first).toMatch(/^[0-9a-f]{32}$/);
  expect(second).toBe(first);
  expect(calls[1]?.[1].body).toBe(calls[0]?.[1].body);
});

test('each submission has a key of its own, or that of the caller', async () => {
  const { client, calls } = clientOf(() => json(queued, 202));
  await client.submit('summarize', text);
  await client.submit('summarize', text);
  await client.submit('summarize', text, undefined, { idempotencyKey: 'mine' });
  await client.submitFile('summarize', new Blob(['Long.']), undefined, { idempotencyKey: 'file' });
  await client.submitFile('summarize', new Blob(['Long.']));
  const sent = keys(calls);
  expect(new Set(sent).size).toBe(5);
  expect([sent[2], sent[3]]).toEqual(['mine', 'file']);
  expect(String(calls[2]?.[1].body)).not.toContain('mine');
});

test.each([
  ['seconds', '7', 7000],
  ['a date', 'Fri, 02 Jan 2026 03:04:12 GMT', 7000],
])('Retry-After in %s is kept to', async (_, retryAfter, pauseMs) => {
  vi.setSystemTime('2026-01-02T03:04:05Z');
  const onRetry = vi.fn();
  const { client } = clientWith({ onRetry }, busy({ 'Retry-After': retryAfter }), () => json(queued, 202));
  expect(await settled(client.submit('summarize', text))).toEqual(queued);
  expect(onRetry.mock.calls).toEqual([[expect.any(ProblemError), pauseMs]]);
});

test('the patience of a submission ends', async () => {
  const { client, calls } = clientOf(unreachable);
  const started = performance.now();
  expect(await settled(client.submit('summarize', text, undefined, { outageMs: 5000 }))).toBeInstanceOf(
    UnreachableError,
  );
  expect(performance.now() - started).toBe(5000);
  expect(calls.length).toBeGreaterThan(3);

  const full = clientOf(busy({ 'Retry-After': '31' }));
  expect(await settled(full.client.submit('summarize', text))).toMatchObject({
    code: 'queue_full',
    retryAfterMs: 31_000,
  });
  expect(full.calls).toHaveLength(1);
});

test('a submission stops on its signal', async () => {
  const stop = new AbortController();
  const { client, calls } = clientOf(unreachable);
  const refused = expect(client.submit('summarize', text, undefined, { signal: stop.signal })).rejects.toThrow(
    'enough',
  );
  await vi.advanceTimersByTimeAsync(100);
  stop.abort(new Error('enough'));
  await refused;
  expect(calls).toHaveLength(1);
});

test.each([400, 413, 422, 500])('a submission that ended in %s is not sent again', async (status) => {
  const { client, calls } = clientOf(() => json({ ...problem, status }, status));
  expect(await settled(client.submit('summarize', text))).toBeInstanceOf(ProblemError);
  expect(calls).toHaveLength(1);
});

test('so is a retry, under its own key', async () => {
  const { client, calls } = clientOf(unreachable, () => json(queued, 202));
  expect(await settled(client.retry(queued.id))).toEqual(queued);
  const [first, second] = keys(calls);
  expect([first?.length, second]).toEqual([32, first]);
  await client.retry(queued.id, undefined, { idempotencyKey: 'mine' });
  expect(keys(calls)[2]).toBe('mine');
});

test('a key that no header can hold is the fault of the caller', async () => {
  const { client, calls } = clientOf(() => json(queued, 202));
  await expect(client.submit('summarize', text, undefined, { idempotencyKey: 'ключ' })).rejects.toThrow(TypeError);
  expect(calls).toEqual([]);
  expect(() => clientWith({ apiKey: 'ключ' }, unreachable)).toThrow(TypeError);
});

test('a batch is sent again under its key', async () => {
  const { client, calls } = clientOf(unreachable, () => json({ jobs: [{ job: queued }] }, 202));
  expect(await settled(client.submitMany([{ task: 'summarize', input: text }]))).toEqual([{ job: queued }]);
  const [first, second] = keys(calls);
  expect([first?.length, second]).toEqual([32, first]);
});
