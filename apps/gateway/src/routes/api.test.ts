import { createHash } from 'node:crypto';
import { jobListSchema } from '@slipway/contract/job-list';
import { type Job, jobSchema } from '@slipway/contract/jobs';
import { problemSchema } from '@slipway/contract/problems';
import { erasingKey, finishErasing } from '@slipway/queue/erase';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createApp } from '../app.ts';
import { madeJob } from '../properties/made-jobs.ts';
import { openTestApp, type TestApp } from '../test-app.ts';

const keys = { ann: 'key-of-ann-0123456789', bob: 'key-of-bob-0123456789' };
const apiKeys = Object.entries(keys).map(([name, key]) => ({
  name,
  sha256: createHash('sha256').update(key).digest('hex'),
}));
let open: TestApp;
let keyed: TestApp;
beforeAll(async () => {
  open = await openTestApp(inject('redisUrl'));
  keyed = await openTestApp(inject('redisUrl'), { apiKeys });
});
afterAll(() => Promise.all([open.close(), keyed.close()]));

const json = { 'Content-Type': 'application/json' };
const bodyOf = (text: string, more: object = {}) => JSON.stringify({ task: 'summarize', input: { text }, ...more });
const ask = (app: TestApp, method: string, path: string, headers: Record<string, string> = {}, body?: string) =>
  app.request(`/api/v1/jobs${path}`, { method, headers: { ...json, ...headers }, ...(body !== undefined && { body }) });
const as = (name: keyof typeof keys) => ({ Authorization: `Bearer ${keys[name]}` });
const jobOf = async (answer: Response | Promise<Response>) => jobSchema.parse(await (await answer).json()) as Job;
const codeOf = async (answer: Response) => [answer.status, problemSchema.parse(await answer.json()).code];

test('the same key and body give the first job again, another body is refused', async () => {
  const key = { 'Idempotency-Key': 'a-1' };
  const first = await ask(open, 'POST', '', key, bodyOf('One.'));
  expect(first.headers.get('Idempotent-Replayed')).toBeNull();
  const again = await ask(open, 'POST', '', key, bodyOf('One.'));
  expect(again.headers.get('Idempotent-Replayed')).toBe('true');
  expect((await jobOf(again)).id).toBe((await jobOf(first)).id);
  expect(await codeOf(await ask(open, 'POST', '', key, bodyOf('Two.')))).toEqual([422, 'idempotency_conflict']);
  expect(await codeOf(await ask(open, 'POST', '', { 'Idempotency-Key': 'ä' }, bodyOf('One.')))).toEqual([
    400,
    'invalid_request',
  ]);
});

test('many at once with one key make one job', async () => {
  const key = { 'Idempotency-Key': 'race' };
  const before = await open.jobCount();
  const jobs = await Promise.all(Array.from({ length: 8 }, () => jobOf(ask(open, 'POST', '', key, bodyOf('Race.')))));
  expect(new Set(jobs.map(({ id }) => id)).size).toBe(1);
  expect(await open.jobCount()).toBe(before + 1);
});

test('Prefer: wait gives 202 when the time is over before the job', async () => {
  const answer = await ask(open, 'POST', '', { Prefer: 'wait=0' }, bodyOf('Waited for.'));
  expect(answer.status).toBe(202);
  expect(answer.headers.get('Preference-Applied')).toBe('wait=0');
});

test('a long poll ends with the change of state that it waits for', async () => {
  const { urls } = await jobOf(ask(open, 'POST', '', {}, bodyOf('Polled.')));
  const polling = open.request(`${urls.self}?wait=20`);
  await open.request(urls.cancel, { method: 'POST' });
  expect((await jobOf(polling)).state).toBe('canceled');
  expect(await codeOf(await open.request(`${urls.self}?wait=soon`))).toEqual([422, 'invalid_input']);
});

test('a job that is as one has it is told with 304', async () => {
  const { urls } = await jobOf(ask(open, 'POST', '', {}, bodyOf('Tagged.')));
  const first = await open.request(urls.self);
  const etag = first.headers.get('ETag') ?? '';
  const same = await open.request(urls.self, { headers: { 'If-None-Match': `"x", ${etag}` } });
  expect([same.status, await same.text()]).toEqual([304, '']);
  const waiting = open.request(`${urls.self}?wait=20`, { headers: { 'If-None-Match': etag } });
  await open.request(urls.cancel, { method: 'POST' });
  const changed = await waiting;
  expect(changed.status).toBe(200);
  expect(changed.headers.get('ETag')).not.toBe(etag);
});

test('whoever names the model gets its answer, or none', async () => {
  const name = (engine: string) =>
    ask(open, 'POST', '', {}, bodyOf('M.', { options: { engine, model: 'made/copier' } }));
  const { id } = await jobOf(name('auto'));
  const queued = await open.queues.use(({ queue }) => queue('summarize').getJob(id));
  expect(queued?.data.options).toMatchObject({ engine: 'transformers' });
  expect(await codeOf(await name('extractive'))).toEqual([422, 'invalid_input']);
});

test('a batch is taken item by item, in its order', async () => {
  const body = JSON.stringify({ jobs: [JSON.parse(bodyOf('A.')), { task: 'nothing' }, JSON.parse(bodyOf('B.'))] });
  const answer = await ask(open, 'POST', '/batch', {}, body);
  expect(answer.status).toBe(202);
  const { jobs } = (await answer.json()) as { jobs: { job?: Job; problem?: unknown }[] };
  expect(jobs[1]?.problem).toMatchObject({ code: 'invalid_input', errors: [{ pointer: '/input' }] });
  expect(jobs[2]?.job?.position).toBe((jobs[0]?.job?.position ?? 0) + 1);
  const keyed = () => ask(open, 'POST', '/batch', { 'Idempotency-Key': 'many' }, body);
  const ids = async () => ((await (await keyed()).json()) as { jobs: { job?: Job }[] }).jobs.map(({ job }) => job?.id);
  expect(await ids()).toEqual(await ids());
  const tooMany = JSON.stringify({ jobs: Array(101).fill({}) });
  expect(await codeOf(await ask(open, 'POST', '/batch', {}, tooMany))).toEqual([422, 'invalid_input']);
});

test('a retry makes a new job, with another input where one is given', async () => {
  const terms = { tags: ['press'], priority: 'low', timeLimitMs: 5_000, options: { length: 'short' } };
  const { id, urls } = await jobOf(ask(open, 'POST', '', {}, bodyOf('Once.', terms)));
  expect(await codeOf(await open.request(urls.retry, { method: 'POST' }))).toEqual([409, 'job_unfinished']);
  await open.request(urls.cancel, { method: 'POST' });
  const again = await open.request(urls.retry, { method: 'POST' });
  expect(again.status).toBe(202);
  expect(await jobOf(again)).toMatchObject({ retryOf: id, state: 'queued', tags: ['press'], priority: 'low' });
  const edit = (body: unknown) =>
    open.request(urls.retry, { method: 'POST', headers: json, body: JSON.stringify(body) });
  expect(await jobOf(edit({ input: { text: 'Twice.' } }))).toMatchObject({ retryOf: id });
  const same = await jobOf(edit({ input: null, options: null }));
  const kept = await open.queues.use(({ queue }) => queue('summarize').getJob(same.id));
  expect(kept?.data).toMatchObject({ input: { text: 'Once.' }, options: { length: 'short' } });
  expect(await codeOf(await edit({ input: { text: '' } }))).toEqual([422, 'invalid_input']);
  expect(await codeOf(await edit({ inputs: {} }))).toEqual([422, 'invalid_input']);
});

test('an erased job stays to be seen, and nothing of what it was given', async () => {
  const { id, urls } = await jobOf(ask(open, 'POST', '', {}, bodyOf('A secret.')));
  const erased = await open.request(urls.self, { method: 'DELETE' });
  expect(erased.status).toBe(200);
  const job = await jobOf(erased);
  expect(job).toMatchObject({ id, state: 'canceled' });
  expect(job.erasedAt).not.toBeNull();
  expect(await codeOf(await open.request(urls.result))).toEqual([410, 'job_erased']);
  expect(await codeOf(await open.request(urls.retry, { method: 'POST' }))).toEqual([410, 'job_erased']);
  const left = await open.queues.use(({ redis, key }) => redis.hgetall(key('summarize', id)));
  expect(JSON.stringify(left)).not.toContain('secret');
  expect((await open.request(urls.self, { method: 'DELETE' })).status).toBe(200);
});

test('one that does not stop is answered as it runs, and erased when it has ended', async () => {
  const id = await madeJob(open.queues, 'running', null);
  const { desk, queues } = open.deps;
  const isMarked = () => queues.use(({ redis, prefix }) => redis.zscore(erasingKey(prefix), id));
  const untilEnd: typeof desk.untilEnd = async (id, caller) => {
    expect(await isMarked()).not.toBeNull(); // whoever leaves now may do so
    return desk.get(id, caller);
  };
  const hasty = createApp({ ...open.deps, desk: { ...desk, untilEnd } });
  const answer = await hasty.request(`/api/v1/jobs/${id}`, { method: 'DELETE' });
  expect([answer.status, answer.headers.get('Retry-After')]).toEqual([202, '1']);
  expect(await jobOf(answer)).toMatchObject({ id, state: 'running', erasedAt: null });
  const ended = { finishedOn: Date.now(), failedReason: 'canceled: The job was canceled.' };
  await queues.use(({ redis, key }) => redis.hset(key('summarize', id), ended));
  await finishErasing(queues);
  expect((await jobOf(open.request(`/api/v1/jobs/${id}`))).erasedAt).not.toBeNull();
});

test('where there are keys, a key sees its own jobs and no others', async () => {
  expect(await codeOf(await ask(keyed, 'POST', '', {}, bodyOf('X.')))).toEqual([401, 'unauthorized']);
  const { urls } = await jobOf(ask(keyed, 'POST', '', as('ann'), bodyOf("Ann's.")));
  expect((await keyed.request(urls.self, { headers: as('ann') })).status).toBe(200);
  for (const [method, url] of [
    ['GET', urls.self],
    ['GET', urls.result],
    ['GET', urls.events],
    ['GET', `${urls.self}/deliveries`],
    ['POST', urls.cancel],
    ['POST', urls.retry],
    ['DELETE', urls.self],
  ] as const)
    expect(await codeOf(await keyed.request(url, { method, headers: as('bob') }))).toEqual([404, 'job_not_found']);
  expect((await jobOf(keyed.request(urls.self, { headers: as('ann') }))).state).toBe('queued');
  expect(await codeOf(await open.request('/api/v1/jobs'))).toEqual([403, 'key_required']);
});

test('a key lists its jobs, newest first, page by page, by state, task, tag, time and words', async () => {
  const make = (text: string, more?: object) => jobOf(ask(keyed, 'POST', '', as('bob'), bodyOf(text, more)));
  const first = await make('Über den Hafen.', { tags: ['harbour'] });
  const second = await make('About ships.', { tags: ['harbour', 'ships'] });
  const third = await make('About nothing.');
  await keyed.request(third.urls.cancel, { method: 'POST', headers: as('bob') });
  const list = async (query: string) =>
    jobListSchema.parse(await (await keyed.request(`/api/v1/jobs?${query}`, { headers: as('bob') })).json());
  const ids = async (query: string) => (await list(query)).jobs.map(({ id }) => id);
  expect(await ids('')).toEqual([third.id, second.id, first.id]);
  const page = await list('limit=2');
  expect(page.jobs.map(({ id }) => id)).toEqual([third.id, second.id]);
  expect(await ids(`limit=2&cursor=${page.nextCursor}`)).toEqual([first.id]);
  expect(await ids('state=queued')).toEqual([second.id, first.id]);
  expect(await ids('state=canceled')).toEqual([third.id]);
  expect(await ids('tag=harbour')).toEqual([second.id, first.id]);
  expect(await ids('task=chat')).toEqual([]);
  expect(await ids('q=ABOUT')).toEqual([third.id, second.id]);
  expect(await ids(`q=${encodeURIComponent('über')}`)).toEqual([first.id]);
  expect(await ids(`q=${encodeURIComponent('%b')}`)).toEqual([]);
  expect(await ids(`to=${second.createdAt}&from=2020-01-01T00:00:00Z`)).not.toContain(third.id);
  expect(await ids('state=&task=&tag=&q=&from=&to=&cursor=&limit=')).toEqual([third.id, second.id, first.id]);
  expect((await list('')).jobs[0]).toMatchObject({ excerpt: 'About nothing.', state: 'canceled' });
  for (const query of ['limit=0', 'limit=101', 'state=done', 'cursor=x', 'page=2']) {
    const answer = await keyed.request(`/api/v1/jobs?${query}`, { headers: as('bob') });
    expect(await codeOf(answer)).toEqual([422, 'invalid_input']);
  }
});

test('jobs of a higher priority go before those of a lower', async () => {
  const app = await openTestApp(inject('redisUrl'));
  const positions = async (jobs: Job[]) =>
    Promise.all(jobs.map(async ({ urls }) => (await jobOf(app.request(urls.self))).position));
  const make = (priority: string) => jobOf(ask(app, 'POST', '', {}, bodyOf('P.', { priority })));
  const jobs = [await make('low'), await make('normal'), await make('high'), await make('normal')];
  expect(await positions(jobs)).toEqual([4, 2, 1, 3]);
  expect(jobs.map(({ position }) => position)).toEqual([1, 1, 1, 3]);
  await app.close();
});

test('a full queue refuses with 429 and says when to come again', async () => {
  const app = await openTestApp(inject('redisUrl'), { maxDepth: 3 });
  const answers = await Promise.all(Array.from({ length: 5 }, () => ask(app, 'POST', '', {}, bodyOf('Full.'))));
  expect(answers.map(({ status }) => status).toSorted()).toEqual([202, 202, 202, 429, 429]);
  const refused = answers.find(({ status }) => status === 429) as Response;
  expect(refused.headers.get('Retry-After')).toBe('7');
  expect(await codeOf(refused)).toEqual([429, 'queue_full']);
  await app.close();
});

test('a caller over the limit is told so, and what is left stands in each answer', async () => {
  const app = await openTestApp(inject('redisUrl'), { rateLimit: { requests: 2, seconds: 60 } });
  const first = await ask(app, 'POST', '', {}, bodyOf('R.'));
  expect(first.headers.get('RateLimit-Policy')).toBe('"submissions";q=2;w=60');
  expect(first.headers.get('RateLimit')).toMatch(/^"submissions";r=1;t=\d+$/);
  const batch = JSON.stringify({ jobs: [{}, {}] });
  expect(await codeOf(await ask(app, 'POST', '/batch', {}, batch))).toEqual([429, 'rate_limited']);
  await ask(app, 'POST', '', {}, bodyOf('R.'));
  const refused = await ask(app, 'POST', '', {}, bodyOf('R.'));
  expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThan(0);
  expect(await codeOf(refused)).toEqual([429, 'rate_limited']);
  await app.close();
});

test('more at once than the whole limit is told in no dialect as what passes', async () => {
  const app = await openTestApp(inject('redisUrl'), { rateLimit: { requests: 2, seconds: 60 } });
  const batch = await ask(app, 'POST', '/batch', {}, JSON.stringify({ jobs: [{}, {}, {}] }));
  const body = JSON.stringify({ inputs: ['A.', 'B.', 'C.'] });
  const hub = await app.request('/hf/summarization', { method: 'POST', body });
  expect([batch.headers.get('Retry-After'), hub.headers.get('Retry-After')]).toEqual([null, null]);
  expect(await codeOf(batch)).toEqual([413, 'batch_too_large']);
  expect([hub.status, await hub.json()]).toEqual([413, { error: expect.stringContaining('Send it in parts.') }]);
  await app.close();
});
