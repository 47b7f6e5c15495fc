import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { CodedError } from '@slipway/contract/problems';
import { webhookPayloadSchema } from '@slipway/contract/webhooks';
import { cancelJob } from '@slipway/queue/cancel';
import { ended, result, submit, testQueues, until } from '@slipway/queue/test-queues';
import { outboxKey } from '@slipway/queue/webhooks/outbox';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { Webhook as SvixWebhook } from 'svix';
import { afterEach, expect, inject, test } from 'vitest';
import { logged, over, startCourier, submitWithWebhook } from './test-courier.ts';
import { openReceiver, type Received } from './test-receiver.ts';

const url = inject('redisUrl');
const { open, work, close } = testQueues(url);
const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
  await close();
});

/** A house with a queue and a courier of its own; jobs run when `runJobs` is called. */
async function house(options: Parameters<typeof startCourier>[3] = {}) {
  const prefix = randomUUID();
  const queues = await open(prefix);
  const start = () => {
    const courier = startCourier(url, prefix, queues, options);
    cleanUp.push(courier.close);
    return courier;
  };
  return { queues, prefix, start, runJobs: (run = async () => result) => work(prefix, run) };
}

async function receiver(...args: Parameters<typeof openReceiver>) {
  const opened = await openReceiver(...args);
  cleanUp.push(opened.close);
  return opened;
}

const secret = (letter: string) => `whsec_${Buffer.alloc(32, letter).toString('base64')}`;
const headersOf = ({ headers }: Received) => headers as Record<string, string>;
const typeOf = ({ body }: Received) => (JSON.parse(body) as { type: string }).type;

test('a job that ends is told to its webhook, signed so that the real libraries accept it, with either of two secrets', async () => {
  const { queues, start, runJobs } = await house({ secrets: [secret('n'), secret('o')] });
  start();
  runJobs();
  const hook = await receiver();
  const id = await submitWithWebhook(queues, { url: hook.url });
  const [delivery] = (await hook.count(1)) as [Received];

  for (const key of [secret('n'), secret('o')]) {
    expect(new StandardWebhook(key).verify(delivery.body, headersOf(delivery))).toMatchObject({ data: { id } });
    new SvixWebhook(key).verify(delivery.body, headersOf(delivery));
  }
  const wrong = secret('x');
  expect(() => new StandardWebhook(wrong).verify(delivery.body, headersOf(delivery))).toThrow('signature');
  expect(() => new SvixWebhook(wrong).verify(delivery.body, headersOf(delivery))).toThrow('signature');

  expect(delivery.url).toBe('/hook?token=secret-of-the-url');
  expect(delivery.headers).toMatchObject({ 'content-type': 'application/json', 'user-agent': 'Slipway' });
  expect(delivery.headers['webhook-id']).toBe(`${id}-succeeded`);
  const payload = webhookPayloadSchema.parse(JSON.parse(delivery.body));
  expect(payload).toMatchObject({ type: 'job.succeeded', data: { id, state: 'succeeded', output: result.output } });
  expect(payload.timestamp).toBe(payload.data.finishedAt);
  expect(await logged(queues, id, over)).toEqual([
    {
      id: `${id}-succeeded`,
      type: 'job.succeeded',
      attempt: 1,
      at: expect.any(String),
      status: 204,
      error: null,
      nextAt: null,
    },
  ]);
});

test("a webhook's own secret signs in place of the service's", async () => {
  const { queues, start, runJobs } = await house({ secrets: [secret('s')] });
  start();
  runJobs();
  const hook = await receiver();
  await submitWithWebhook(queues, { url: hook.url, secret: secret('j') });
  const [delivery] = (await hook.count(1)) as [Received];
  expect(delivery.headers['webhook-signature']).toMatch(/^v1,[A-Za-z0-9+/]{43}=$/);
  new StandardWebhook(secret('j')).verify(delivery.body, headersOf(delivery));
  new SvixWebhook(secret('j')).verify(delivery.body, headersOf(delivery));
});

test('each end has its type, and only what was asked for is told', async () => {
  const { queues, start, runJobs } = await house();
  start();
  const hook = await receiver();
  const canceled = await submitWithWebhook(queues, { url: hook.url });
  await cancelJob(queues, canceled);
  const late = { webhook: { url: hook.url }, deadline: Date.now() };
  const expired = await submit(queues, 'Late.', late);
  await submitWithWebhook(queues, { url: hook.url, events: ['job.failed'] }); // it succeeds
  const started = await submitWithWebhook(queues, { url: hook.url, events: ['job.started', 'job.succeeded'] });
  runJobs();
  const all = await hook.count(4);
  const heard = all.map((one) => `${one.headers['webhook-id']} ${typeOf(one)}`).sort();
  expect(heard).toEqual(
    [
      `${canceled}-canceled job.canceled`,
      `${expired}-expired job.expired`,
      `${started}-started job.started`,
      `${started}-succeeded job.succeeded`,
    ].sort(),
  );
});

test('the start is told while it runs', async () => {
  const { queues, prefix, start } = await house();
  start();
  const hook = await receiver();
  const gate = Promise.withResolvers<void>();
  work(prefix, async ({ started }) => {
    started();
    await gate.promise;
    throw new CodedError('model_unavailable', 'No such model.');
  });
  const id = await submitWithWebhook(queues, { url: hook.url, events: ['job.started', 'job.failed'] });
  const [first] = (await hook.count(1)) as [Received];
  expect(JSON.parse(first.body)).toMatchObject({ type: 'job.started', data: { id, state: 'running' } });
  gate.resolve();
  const [, second] = (await hook.count(2)) as [Received, Received];
  expect(JSON.parse(second.body)).toMatchObject({ type: 'job.failed', data: { error: { code: 'model_unavailable' } } });
});

test('what does not arrive is tried again under the same id, until it does', async () => {
  const { queues, start, runJobs } = await house();
  start();
  runJobs();
  const hook = await receiver((response, n) => response.writeHead(n < 3 ? 500 : 200).end());
  const id = await submitWithWebhook(queues, { url: hook.url });
  const all = await logged(queues, id, over);
  expect(all).toMatchObject([
    { attempt: 1, status: 500, error: 'The receiver answered 500.', nextAt: expect.any(String) },
    { attempt: 2, status: 500 },
    { attempt: 3, status: 200, error: null, nextAt: null },
  ]);
  expect(hook.received.map(({ headers }) => headers['webhook-id'])).toEqual(Array(3).fill(`${id}-succeeded`));
});

test('after the last try it is given up', async () => {
  const { queues, start, runJobs } = await house();
  start();
  runJobs();
  const hook = await receiver((response) => response.writeHead(503).end());
  const id = await submitWithWebhook(queues, { url: hook.url });
  const all = await logged(queues, id, over);
  expect(all.map(({ attempt, nextAt }) => [attempt, nextAt !== null])).toEqual([
    [1, true],
    [2, true],
    [3, false],
  ]);
  expect(hook.received).toHaveLength(3);
});

test('a receiver that asks for time gets it', async () => {
  const { queues, start, runJobs } = await house();
  start();
  runJobs();
  const hook = await receiver((response) => response.writeHead(429, { 'retry-after': '3600' }).end());
  const id = await submitWithWebhook(queues, { url: hook.url });
  const [first] = await logged(queues, id, (all) => all.length > 0);
  expect(Date.parse(first?.nextAt ?? '') - Date.parse(first?.at ?? '')).toBeGreaterThanOrEqual(3_600_000);
});

test('a URL that is gone gets nothing more of this owner', async () => {
  const { queues, start, runJobs } = await house();
  start();
  runJobs();
  const hook = await receiver((response) => response.writeHead(410).end());
  const first = await submitWithWebhook(queues, { url: hook.url }, 'ann');
  const gone = 'The receiver answered 410 Gone; this URL gets nothing more for a day.';
  expect(await logged(queues, first, over)).toMatchObject([{ status: 410, error: gone, nextAt: null }]);
  const second = await submitWithWebhook(queues, { url: hook.url }, 'ann');
  expect(await logged(queues, second, over)).toMatchObject([
    { attempt: 1, status: null, error: 'Not sent: this URL answered 410 Gone less than a day ago.' },
  ]);
  expect(hook.received).toHaveLength(1);
  await submitWithWebhook(queues, { url: hook.url }, 'ben');
  await hook.count(2);
});

test('what is not to be sent to is not tried again, and the log says why', async () => {
  const { queues, start, runJobs } = await house({ allowedHosts: [] });
  start();
  runJobs();
  const hook = await receiver();
  const address = await submitWithWebhook(queues, { url: hook.url });
  const form = await submitWithWebhook(queues, { url: `http://2130706433:${hook.port}/` });
  const cases = [
    [address, 'The address of the host is not a public one.'],
    [form, 'The address in the URL is not written as four decimal numbers.'],
  ] as const;
  for (const [id, error] of cases)
    expect(await logged(queues, id, over)).toMatchObject([{ attempt: 1, status: null, error, nextAt: null }]);
  expect(hook.received).toEqual([]);
});

test('what ended while no courier was there is told when one comes, its start too', async () => {
  const { queues, start, runJobs } = await house();
  const hook = await receiver();
  const id = await submitWithWebhook(queues, { url: hook.url, events: ['job.started', 'job.succeeded'] });
  runJobs();
  await until(queues, id, ended);
  start();
  const all = await hook.count(2);
  expect(all.map(typeOf).sort()).toEqual(['job.started', 'job.succeeded']);
});

test('two couriers tell it once, and nothing stays in the outbox', async () => {
  const { queues, prefix, start, runJobs } = await house();
  start();
  start();
  const hook = await receiver();
  const ids = await Promise.all(Array.from({ length: 20 }, () => submitWithWebhook(queues, { url: hook.url })));
  runJobs();
  await hook.count(20);
  const left = () => queues.use(({ redis }) => redis.zcard(outboxKey(prefix)));
  await expect.poll(left).toBe(0);
  for (const id of ids) await logged(queues, id, over);
  expect(hook.received.map(({ headers }) => headers['webhook-id']).sort()).toEqual(
    ids.map((id) => `${id}-succeeded`).sort(),
  );
});

test('a courier that is lost between the sending and the note: the next one sends it again, with the same id', async () => {
  const { queues, prefix, runJobs } = await house();
  runJobs();
  const hold = Promise.withResolvers<void>();
  const hook = await receiver((response, n) => {
    if (n > 1) response.writeHead(200).end();
    else hold.promise.then(() => response.writeHead(200).end());
  });
  const first = courierProcess(prefix);
  const id = await submitWithWebhook(queues, { url: hook.url });
  await hook.count(1);
  first.kill('SIGKILL');
  hold.resolve();
  cleanUp.push(startCourier(url, prefix, queues, { lockMs: 1_000 }).close);
  const all = await logged(queues, id, over);
  expect(all).toMatchObject([{ attempt: 1, status: 200 }]);
  const sent = hook.received.map(({ headers }) => headers['webhook-id']);
  expect(sent.length).toBeGreaterThan(1);
  expect(new Set(sent)).toEqual(new Set([`${id}-succeeded`]));
});

/** A courier in a process of its own, for a kill to be a kill. */
function courierProcess(prefix: string): ChildProcess {
  const script = `
    import { openQueues } from '@slipway/queue/queues';
        import { log, startCourier } from '${import.meta.dirname}/test-courier.ts';
    const [url, prefix] = process.argv.slice(1);
    startCourier(url, prefix, openQueues({ url, log, jobTtlSeconds: 60, prefix }), { lockMs: 1_000 });`;
  const args = ['--input-type=module-typescript', '-e', script, url, prefix];
  const child = spawn(process.execPath, args, { cwd: import.meta.dirname, stdio: 'inherit' });
  cleanUp.push(() => child.kill('SIGKILL'));
  return child;
}

test('a slow receiver holds up nobody', async () => {
  const { queues, start, runJobs } = await house();
  start();
  runJobs();
  const slow = await receiver(() => {});
  const fast = await receiver();
  for (let i = 0; i < 40; i += 1) await submitWithWebhook(queues, { url: slow.url });
  await slow.count(2);
  for (let i = 0; i < 5; i += 1) await submitWithWebhook(queues, { url: fast.url });
  await fast.count(5);
  expect(slow.received).toHaveLength(2);
  slow.close(); // the requests under way end, and the courier can stop
});

test('a job that was removed is told of to nobody, and a courier that stops ends what it began', async () => {
  const { queues, start, runJobs } = await house();
  const hold = Promise.withResolvers<void>();
  const hook = await receiver((response) => void hold.promise.then(() => response.writeHead(200).end()));
  const removed = await submitWithWebhook(queues, { url: hook.url });
  await queues.use(async ({ queue }) => (await queue('summarize').getJob(removed))?.remove());
  const id = await submitWithWebhook(queues, { url: hook.url });
  runJobs();
  const courier = start();
  await hook.count(1);
  const closed = courier.close();
  hold.resolve();
  await closed;
  expect(await logged(queues, id, () => true)).toMatchObject([{ attempt: 1, status: 200 }]);
  expect(hook.received.map(({ headers }) => headers['webhook-id'])).toEqual([`${id}-succeeded`]);
});
