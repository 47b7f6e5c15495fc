import { createHash } from 'node:crypto';
import { type Job, jobSchema } from '@slipway/contract/jobs';
import type { Problem } from '@slipway/contract/problems';
import { afterEach, beforeEach, expect, inject, test, vi } from 'vitest';
import { openTestApp, type TestApp, type TestAppOptions } from '../test-app.ts';

/** What a request that is sent again under its Idempotency-Key gives, costs and may not do. */
const apps: TestApp[] = [];
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'performance'] });
});
afterEach(async () => {
  vi.useRealTimers();
  await Promise.all(apps.splice(0).map((app) => app.close()));
});

async function house(options?: TestAppOptions) {
  const app = await openTestApp(inject('redisUrl'), options);
  apps.push(app);
  const post = (path: string, value: unknown, headers: Record<string, string> = {}) => {
    const all = { 'Content-Type': 'application/json', 'Idempotency-Key': 'k1', ...headers };
    return app.request(`/api/v1/jobs${path}`, { method: 'POST', body: JSON.stringify(value), headers: all });
  };
  const cancel = async (id: string | undefined) => {
    await app.request(`/api/v1/jobs/${id}/cancel`, { method: 'POST' });
    vi.advanceTimersByTime(1_000); // the queue's depth is counted anew
  };
  return { app, post, cancel };
}

const one = (text: string, more: object = {}) => ({ task: 'summarize', input: { text }, ...more });
const many = (...texts: string[]) => ({ jobs: texts.map((text) => one(text)) });
const jobOf = async (answer: Response) => jobSchema.parse(await answer.json()) as Job;
const itemsOf = async (answer: Response) =>
  ((await answer.json()) as { jobs: { job?: Job; problem?: Problem }[] }).jobs;
const idsOf = async (answer: Response) => (await itemsOf(answer)).map(({ job, problem }) => job?.id ?? problem?.code);
const replayed = ({ headers }: Response) => headers.get('Idempotent-Replayed');
const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1_000).toISOString();

test('it gives the first job after its deadline too, one by one and in a batch', async () => {
  const { post } = await house();
  const due = one('Due.', { deadline: inSeconds(3) });
  const first = await jobOf(await post('', due));
  const batch = await idsOf(await post('/batch', { jobs: [due] }));
  vi.advanceTimersByTime(4_000);
  const again = await post('', due);
  expect([again.status, replayed(again), (await jobOf(again)).id]).toEqual([202, 'true', first.id]);
  expect(await idsOf(await post('/batch', { jobs: [due] }))).toEqual(batch);
});

test('a key whose request was refused for its deadline takes one with another', async () => {
  const { post } = await house();
  expect((await post('', one('Late.', { deadline: inSeconds(-1) }))).status).toBe(422);
  const mended = await post('', one('Late.', { deadline: inSeconds(9) }));
  expect([mended.status, replayed(mended)]).toEqual([202, null]);
});

test('a job that is made only now, for there was no room before, is not called an earlier one', async () => {
  const { post, cancel } = await house({ maxDepth: 1 });
  const { id } = await jobOf(await post('', one('First.'), { 'Idempotency-Key': 'other' }));
  expect((await post('', one('Second.'))).status).toBe(429);
  await cancel(id);
  const made = await post('', one('Second.'));
  expect([made.status, replayed(made)]).toEqual([202, null]);
  expect(replayed(await post('', one('Second.')))).toBe('true');
});

test('a batch that is sent again costs the submissions that are new; the others are reads', async () => {
  const { post, cancel } = await house({ maxDepth: 2, rateLimit: { requests: 4, seconds: 3_600 } });
  const limitOf = ({ headers }: Response) => headers.get('RateLimit')?.split(';t=')[0];
  const first = await post('/batch', many('A.', 'B.', 'C.'));
  expect(limitOf(first)).toBe('"submissions";r=1');
  const [a, b, full] = await idsOf(first);
  expect(full).toBe('queue_full');
  await cancel(a);
  const second = await post('/batch', many('A.', 'B.', 'C.'));
  expect(limitOf(second)).toBe('"submissions";r=0');
  const ids = await idsOf(second);
  expect(ids).toEqual([a, b, expect.stringMatching(/^summarize_/)]);
  const third = await post('/batch', many('A.', 'B.', 'C.'));
  expect([third.status, limitOf(third)]).toEqual([202, '"reads";r=74']); // of 80: the cancel, two, three
  expect(await idsOf(third)).toEqual(ids);
});

test('it costs no submission, and as often as a caller may read he may send it again', async () => {
  const { app, post } = await house({ rateLimit: { requests: 1, seconds: 3_600 } });
  const { id } = await jobOf(await post('', one('Once.')));
  expect((await post('', one('Twice.'), { 'Idempotency-Key': 'k2' })).status).toBe(429);
  for (let i = 0; i < 20; i += 1) expect((await jobOf(await post('', one('Once.')))).id).toBe(id);
  const refused = await post('', one('Once.'));
  expect([refused.status, refused.headers.get('RateLimit-Policy')]).toEqual([429, '"reads";q=20;w=3600']);
  expect(await app.jobCount()).toBe(1);
});

test('what is refused under a key of a job that is there counts as a submission, one by one and in a batch', async () => {
  const { post } = await house({ rateLimit: { requests: 5, seconds: 3_600 } });
  const limitOf = ({ headers }: Response) => headers.get('RateLimit')?.split(';t=')[0];
  await post('', one('Once.'));
  await post('/batch', many('Once.'));
  const conflict = await post('', one('Another.'));
  expect([conflict.status, limitOf(conflict)]).toEqual([422, '"submissions";r=2']);
  expect(await idsOf(await post('/batch', many('Another.')))).toEqual(['idempotency_conflict']);
  expect(limitOf(await post('', { task: 'nonsense' }))).toBe('"submissions";r=0');
  expect((await post('', one('Another.'))).status).toBe(429);
  expect(replayed(await post('', one('Once.')))).toBe('true');
});

test('callers who take the same key for the same request get a job each, and each his own', async () => {
  const keys = { ann: 'key-of-ann-0123456789', bob: 'key-of-bob-0123456789' };
  const sha256 = (key: string) => createHash('sha256').update(key).digest('hex');
  const apiKeys = Object.entries(keys).map(([name, key]) => ({ name, sha256: sha256(key) }));
  const { app, post } = await house({ apiKeys });
  const as = (name: keyof typeof keys) => ({ Authorization: `Bearer ${keys[name]}` });
  const anns = await post('', one('Same.'), as('ann'));
  const bobs = await post('', one('Same.'), as('bob'));
  expect([replayed(anns), replayed(bobs)]).toEqual([null, null]);
  const [ofAnn, ofBob] = [await jobOf(anns), await jobOf(bobs)];
  expect(ofAnn.id).not.toBe(ofBob.id);
  for (const [name, { urls }] of [['ann', ofAnn] as const, ['bob', ofBob] as const])
    expect((await app.request(urls.self, { headers: as(name) })).status).toBe(200);
});
