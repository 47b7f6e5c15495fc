import { jobListSchema } from '@slipway/contract/job-list';
import { type Job, jobSchema } from '@slipway/contract/jobs';
import { problemSchema } from '@slipway/contract/problems';
import { EventSource } from 'eventsource';
import { Webhook } from 'standardwebhooks';
import { Webhook as Svix } from 'svix';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { docx, paragraph } from '../packages/files/src/documents/test-docx.ts';
import { lines, pdf } from '../packages/files/src/documents/test-pdf.ts';
import { type Receiver, startReceiver } from './receiver.ts';
import { type Stack, startStack } from './stack.ts';

/** The rows of the native API through nginx on the running stack; apps/gateway/src/routes/api.test.ts has the details. */

const keys = { ann: 'key-of-ann-0123456789', bob: 'key-of-bob-0123456789' };
/** The newest first. */
const secrets = ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'];
let receiver: Receiver;
let stack: Stack;
beforeAll(async () => {
  receiver = await startReceiver();
  stack = await startStack({
    env: {
      ENGINE: 'extractive',
      API_KEYS: `ann:${keys.ann},bob:${keys.bob}`,
      RATE_LIMIT: '1000/1m',
      WEBHOOK_SECRETS: secrets.join(','),
      WEBHOOK_ALLOWED_HOSTS: '127.0.0.1',
    },
  });
});
afterAll(async () => {
  receiver.close();
  await stack.remove();
});

const bodyOf = (text: string, more: object = {}) => JSON.stringify({ task: 'summarize', input: { text }, ...more });
const ask = (method: string, path: string, { headers = {}, body }: { headers?: object; body?: string } = {}) =>
  fetch(stack.url + path, {
    method,
    headers: { Authorization: `Bearer ${keys.ann}`, 'Content-Type': 'application/json', ...headers },
    ...(body !== undefined && { body }),
  });
const submit = async (text: string, more: object = {}, headers: object = {}) =>
  jobSchema.parse(await (await ask('POST', '/api/v1/jobs', { headers, body: bodyOf(text, more) })).json()) as Job;

const jobOf = async (answer: Promise<Response>) => jobSchema.parse(await (await answer).json()) as Job;
const read = ({ urls }: Job, query = '') => jobOf(ask('GET', urls.self + query));
const codeOf = async (asked: Promise<Response>) => {
  const answer = await asked;
  expect(answer.headers.get('Content-Type')).toBe('application/problem+json');
  return [answer.status, problemSchema.parse(await answer.json()).code];
};
async function untilEnd(job: Job): Promise<Job> {
  let now = job;
  while (now.finishedAt === null) now = await read(job, '?wait=30');
  return now;
}
/** A worker that stands still keeps what waits waiting. */
async function whileWorkerStands(work: () => Promise<void>): Promise<void> {
  const worker = await stack.pid('worker');
  process.kill(worker, 'SIGSTOP');
  try {
    await work();
  } finally {
    process.kill(worker, 'SIGCONT');
  }
}

test('Prefer: wait answers with the finished job, and the same key gives it again', async () => {
  const headers = { Prefer: 'wait=30', 'Idempotency-Key': 'first' };
  const answer = await ask('POST', '/api/v1/jobs', { headers, body: bodyOf('Waited for. To its end.') });
  expect([answer.status, answer.headers.get('Preference-Applied')]).toEqual([200, 'wait=30']);
  const job = jobSchema.parse(await answer.json());
  expect(job).toMatchObject({ state: 'succeeded', engine: 'extractive' });
  const again = await ask('POST', '/api/v1/jobs', { headers, body: bodyOf('Waited for. To its end.') });
  expect(again.headers.get('Idempotent-Replayed')).toBe('true');
  expect(((await again.json()) as Job).id).toBe(job.id);
  const other = ask('POST', '/api/v1/jobs', { headers, body: bodyOf('Something else.') });
  expect(await codeOf(other)).toEqual([422, 'idempotency_conflict']);
});

test('of a job that waits there is no result and no retry, and a deadline ends it', async () => {
  await whileWorkerStands(async () => {
    const late = await submit('Too late.', { deadline: new Date(Date.now() + 1_500).toISOString() });
    const answer = await ask('POST', '/api/v1/jobs', { headers: { Prefer: 'wait=1' }, body: bodyOf('Waits.') });
    expect([answer.status, answer.headers.get('Preference-Applied')]).toEqual([202, 'wait=1']);
    expect(Number(answer.headers.get('Retry-After'))).toBeGreaterThan(0);
    const job = jobSchema.parse(await answer.json()) as Job;
    expect(job).toMatchObject({ state: 'queued', urls: { self: answer.headers.get('Location') } });
    expect(await codeOf(ask('GET', job.urls.result))).toEqual([409, 'job_unfinished']);
    expect(await codeOf(ask('POST', job.urls.retry))).toEqual([409, 'job_unfinished']);
    const ended = { state: 'expired', startedAt: null, error: { code: 'deadline_exceeded' } };
    expect(await untilEnd(late)).toMatchObject(ended);
    expect(await codeOf(ask('GET', late.urls.result))).toEqual([409, 'job_without_result']);
  });
});

test('a long poll ends with the job, a status that is known costs no body, a result is bare', async () => {
  const { urls } = await submit('Polled. To its end.');
  const ended = await ask('GET', `${urls.self}?wait=30`);
  const etag = ended.headers.get('ETag') ?? '';
  // the first change may be its start
  const job = await untilEnd((await ended.json()) as Job);
  expect(job.state).toBe('succeeded');
  const last = await ask('GET', urls.self);
  const same = await ask('GET', urls.self, { headers: { 'If-None-Match': last.headers.get('ETag') ?? etag } });
  expect(same.status).toBe(304);
  expect(await (await ask('GET', urls.result)).json()).toEqual(job.output);
});

test('the eventsource library has every event once, and stops at 204', async () => {
  const { urls } = await submit('Streamed. To its end.');
  const types: string[] = [];
  const source = new EventSource(stack.url + urls.events, {
    fetch: (url, init) => fetch(url, { ...init, headers: { ...init?.headers, Authorization: `Bearer ${keys.ann}` } }),
  });
  const closed = new Promise<void>((resolve) => {
    source.onerror = () => {
      if (source.readyState === source.CLOSED) resolve();
    };
  });
  for (const type of ['state', 'progress', 'output', 'log', 'done'])
    source.addEventListener(type, () => void types.push(type));
  await closed; // it reconnects after the end with the last id, and is told 204
  expect(types.filter((type) => type === 'done')).toEqual(['done']);
  expect(types).toContain('output');
});

test('a batch, a list of it, a retry of one and the erasing of another', async () => {
  const jobs = ['One. Two.', 'Three. Four.'].map((text) => JSON.parse(bodyOf(text, { tags: ['batch'] })));
  const answer = await ask('POST', '/api/v1/jobs/batch', { body: JSON.stringify({ jobs: [...jobs, {}] }) });
  expect(answer.status).toBe(202);
  const many = { jobs: Array.from({ length: 101 }, () => jobs[0]) };
  expect(await codeOf(ask('POST', '/api/v1/jobs/batch', { body: JSON.stringify(many) }))).toEqual([
    422,
    'invalid_input',
  ]);
  const items = ((await answer.json()) as { jobs: { job?: Job; problem?: object }[] }).jobs;
  expect(items.map((item) => Object.keys(item))).toEqual([['job'], ['job'], ['problem']]);
  const [first, second] = items.map(({ job }) => job) as [Job, Job];
  const list = async (query: string, key: string = keys.ann) => {
    const answer = await ask('GET', `/api/v1/jobs?${query}`, { headers: { Authorization: `Bearer ${key}` } });
    return jobListSchema.parse(await answer.json()).jobs.map(({ id }) => id);
  };
  expect(await list('tag=batch')).toEqual([second.id, first.id]);
  expect(await list('q=four')).toEqual([second.id]);
  expect(await list('', keys.bob)).toEqual([]);
  await untilEnd(first);
  const again = { retryOf: first.id, tags: ['batch'] };
  expect(await jobOf(ask('POST', first.urls.retry))).toMatchObject(again);
  const edited = await jobOf(
    ask('POST', first.urls.retry, { body: JSON.stringify({ input: { text: 'Five. Six.' } }) }),
  );
  expect(edited).toMatchObject(again);
  expect(await list('q=five')).toEqual([edited.id]);
  expect((await ask('DELETE', second.urls.self)).status).toBe(200);
  expect(await codeOf(ask('GET', second.urls.result))).toEqual([410, 'job_erased']);
  expect((await read(second)).erasedAt).not.toBeNull();
});

test('a list by state, task and time, page by page', async () => {
  await whileWorkerStands(async () => {
    const headers = { Authorization: `Bearer ${keys.bob}` };
    const first = await submit('One.', {}, headers);
    const second = await submit('Two.', {}, headers);
    const third = await submit('Three.', {}, headers);
    await ask('POST', third.urls.cancel, { headers });
    const list = async (query: string) =>
      jobListSchema.parse(await (await ask('GET', `/api/v1/jobs?${query}`, { headers })).json());
    const ids = async (query: string) => (await list(query)).jobs.map(({ id }) => id);
    expect(await ids('state=queued')).toEqual([second.id, first.id]);
    expect(await ids('state=canceled')).toEqual([third.id]);
    expect(await ids('task=summarize')).toEqual([third.id, second.id, first.id]);
    expect(await ids('task=chat')).toEqual([]);
    expect(await ids(`from=${first.createdAt}`)).toEqual([third.id, second.id, first.id]);
    expect(await ids('from=2100-01-01T00:00:00Z')).toEqual([]);
    expect(await ids(`to=${first.createdAt}`)).toEqual([]);
    const { jobs, nextCursor } = await list('limit=2');
    expect(jobs.map(({ id }) => id)).toEqual([third.id, second.id]);
    expect(await ids(`limit=2&cursor=${nextCursor}`)).toEqual([first.id]);
    expect(await codeOf(ask('GET', '/api/v1/jobs?limit=101', { headers }))).toEqual([422, 'invalid_input']);
  });
});

/** The log of a job's deliveries, once something was noted. */
async function deliveriesOf({ urls }: Job): Promise<object[]> {
  const log = async () =>
    ((await (await ask('GET', `${urls.self}/deliveries`)).json()) as { deliveries: object[] }).deliveries;
  await expect.poll(log).not.toEqual([]);
  return log();
}

test('a job is told to its webhook, signed with each secret of a rotation', async () => {
  const webhook = { url: `${receiver.url}/hook`, events: ['job.started', 'job.succeeded'] };
  const job = await submit('Told. To its end.', { webhook });
  const [{ body, headers }] = [await receiver.told('job.succeeded', job), await receiver.told('job.started', job)];
  for (const secret of secrets) {
    expect(() => new Svix(secret).verify(body, headers)).not.toThrow();
    expect(() => new Svix(secret).verify(`${body} `, headers)).toThrow();
    expect(new Webhook(secret).verify(body, headers)).toMatchObject({ type: 'job.succeeded', data: { id: job.id } });
  }
  const arrived = { attempt: 1, status: 200, error: null, nextAt: null };
  await expect.poll(() => deliveriesOf(job)).toMatchObject([arrived, arrived]);
});

test('failures, cancels and deadlines are told too', async () => {
  const webhook = { url: `${receiver.url}/hook` };
  const failed = await submit('No model.', { webhook, options: { engine: 'transformers' } });
  expect(JSON.parse((await receiver.told('job.failed', failed)).body)).toMatchObject({
    data: { state: 'failed', error: { code: 'model_unavailable' } },
  });
  await whileWorkerStands(async () => {
    const late = await submit('Late.', { webhook, deadline: new Date(Date.now() + 1_500).toISOString() });
    const canceled = await submit('Canceled.', { webhook });
    await ask('POST', canceled.urls.cancel);
    await receiver.told('job.canceled', canceled);
    await receiver.told('job.expired', late);
  });
});

test('410 ends all deliveries to a URL, a redirect is not followed, a private address is not asked', async () => {
  const hook = (url: string) => submit('Told. In vain.', { webhook: { url } });
  const gone = { status: 410, error: expect.stringContaining('410 Gone'), nextAt: null };
  expect(await deliveriesOf(await hook(`${receiver.url}/gone`))).toMatchObject([gone]);
  const unsent = { status: null, error: expect.stringContaining('Not sent'), nextAt: null };
  expect(await deliveriesOf(await hook(`${receiver.url}/gone`))).toMatchObject([unsent]);
  const moved = {
    status: 302,
    error: expect.stringContaining('redirects are not followed'),
    nextAt: expect.any(String),
  };
  expect(await deliveriesOf(await hook(`${receiver.url}/moved`))).toMatchObject([moved]);
  const refused = { status: null, error: expect.stringContaining('not a public one'), nextAt: null };
  expect(await deliveriesOf(await hook('http://127.0.0.2/hook'))).toMatchObject([refused]);
  const asked = receiver.received.map(({ path }) => path).filter((path) => path !== '/hook');
  expect(asked.filter((path) => path === '/gone')).toHaveLength(1);
  expect(asked).not.toContain('/elsewhere');
});

test('jobs of a higher priority go first, and one that waits is canceled at once', async () => {
  await whileWorkerStands(async () => {
    const jobs = [
      await submit('Low.', { priority: 'low' }),
      await submit('Normal.'),
      await submit('High.', { priority: 'high' }),
    ];
    expect((await Promise.all(jobs.map((job) => read(job)))).map(({ position }) => position)).toEqual([3, 2, 1]);
    const [low] = jobs as [Job];
    expect(await jobOf(ask('POST', low.urls.cancel))).toMatchObject({ state: 'canceled' });
  });
});

const sentence = 'Ships left the harbour long ago.';
test.each([
  ['txt', sentence],
  ['md', `# A harbour\n\n${sentence}`],
  ['html', `<!doctype html><title>A harbour</title><p>${sentence}</p>`],
  ['pdf', pdf([lines([sentence])])],
  ['docx', docx(paragraph(sentence))],
])('a form with a document (%s) is a submission like another', async (type, content) => {
  const form = new FormData();
  form.set('task', 'summarize');
  form.set('tags', '["form"]');
  form.set('file', new File([content], `harbour.${type}`));
  const headers = { Authorization: `Bearer ${keys.ann}`, Prefer: 'wait=30' };
  const job = await jobOf(fetch(`${stack.url}/api/v1/jobs`, { method: 'POST', headers, body: form }));
  expect(job).toMatchObject({
    state: 'succeeded',
    tags: ['form'],
    output: { summary: expect.stringContaining(sentence) },
  });
});

test('what can be asked for, and what does it', async () => {
  expect(await stack.client.tasks()).toContainEqual(
    expect.objectContaining({ name: 'summarize', timeLimitMs: expect.any(Number), input: expect.any(Object) }),
  );
  expect(await stack.client.models()).toContainEqual(
    expect.objectContaining({ task: 'summarize', device: 'cpu', state: 'disabled' }),
  );
});

test('without a right key there is nothing to see', async () => {
  const { urls } = await submit('Kept. From others.');
  const asked = async (authorization: string) =>
    (await ask('GET', urls.self, { headers: { Authorization: authorization } })).status;
  expect(await asked('Bearer key-of-nobody-0123456')).toBe(401);
  expect(await asked('')).toBe(401);
  expect(await asked(`Bearer ${keys.bob}`)).toBe(404);
});
