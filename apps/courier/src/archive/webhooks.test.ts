import { randomUUID } from 'node:crypto';
import type { Webhook } from '@slipway/contract/webhooks';
import { readOpen } from '@slipway/queue/archive/open-jobs';
import { cancelJob } from '@slipway/queue/cancel';
import type { Queues } from '@slipway/queue/queues';
import { submitJob } from '@slipway/queue/submit';
import { ended, result, submit, until } from '@slipway/queue/test-queues';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { logged, over, startCourier, submitWithWebhook } from '../test-courier.ts';
import { openReceiver } from '../test-receiver.ts';
import { never, testArchive } from './test-archive.ts';

const url = inject('redisUrl');
const cleanUp: (() => unknown)[] = [];
let house: Awaited<ReturnType<typeof testArchive>>;
beforeEach(async () => {
  house = await testArchive(url);
});
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
  await house.close();
});

/** A container with its courier. */
async function boot(delaysMs = [1, 1]) {
  const container = await house.boot();
  const courier = startCourier(url, container.prefix, container.queues, { delaysMs });
  cleanUp.push(() => courier.close());
  return { ...container, courier };
}

async function canceled(queues: Queues, webhook: Webhook): Promise<string> {
  const id = await submitWithWebhook(queues, webhook);
  await cancelJob(queues, id);
  return id;
}

test('a webhook that was told is not told again; one that was not is, with the same id and its own secret', async () => {
  const hook = await openReceiver((response, n) => response.writeHead(n === 2 ? 503 : 204).end());
  cleanUp.push(hook.close);
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  const first = await boot([never]);
  const told = await canceled(first.queues, { url: hook.url });
  await logged(first.queues, told, over);
  const untold = await canceled(first.queues, { url: hook.url, secret });
  await logged(first.queues, untold, (all) => all.length === 1);
  await first.archiver.close(1_000);

  const second = await boot();
  await logged(second.queues, untold, over);
  const after = await canceled(second.queues, { url: hook.url });
  await logged(second.queues, after, over);
  const ids = hook.received.map(({ headers }) => headers['webhook-id']);
  expect(ids).toEqual([told, untold, untold, after].map((id) => `${id}-canceled`));
});

test('of a job that ran when the container was killed the start is told once and the end once', async () => {
  const hook = await openReceiver();
  cleanUp.push(hook.close);
  const first = await boot();
  const id = await submitWithWebhook(first.queues, { url: hook.url, events: ['job.started', 'job.succeeded'] });
  const hold = Promise.withResolvers<typeof result>();
  house.work(first.prefix, ({ started }) => {
    started();
    return hold.promise;
  });
  await logged(first.queues, id, over);
  await first.archiver.close(1_000);
  await first.courier.close();
  hold.resolve(result);

  const second = await boot();
  house.work(second.prefix, async () => result);
  await until(second.queues, id, ended);
  await logged(second.queues, id, over);
  expect(hook.received.map(({ body }) => JSON.parse(body).type)).toEqual(['job.started', 'job.succeeded']);
});

test('a job without a webhook waits for none', async () => {
  const { queues } = await boot();
  await cancelJob(queues, await submit(queues));
  expect((await readOpen(queues, 1_000)).webhooks).toEqual([]);
});

test('a job that Redis knows already has its webhook told by what Redis knows', async () => {
  const hook = await openReceiver((response, n) => response.writeHead(n === 1 ? 503 : 204).end());
  cleanUp.push(hook.close);
  const first = await boot([never]);
  const id = await canceled(first.queues, { url: hook.url });
  await logged(first.queues, id, (all) => all.length === 1);
  await first.archiver.close(1_000);

  house.standIn.accident = (_call, request) => !!request.socket.destroy();
  const prefix = randomUUID();
  const queues = await house.open(prefix);
  const courier = startCourier(url, prefix, queues);
  cleanUp.push(() => courier.close());
  const archiver = house.archive(queues);
  const options = { engine: 'auto', length: 'short', format: 'paragraph' } as const;
  await submitJob(queues, 'summarize', { text: 'x' }, options, { webhook: { url: hook.url } }, { id });
  await cancelJob(queues, id);
  await logged(queues, id, over);
  house.standIn.accident = undefined;
  expect(await archiver.restored(never)).toBe(true);
  expect((await readOpen(queues, 1_000)).webhooks).toEqual([]);
});
