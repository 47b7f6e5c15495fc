import { cancelJob } from '@slipway/queue/cancel';
import { eraseJob } from '@slipway/queue/erase';
import { getJob } from '@slipway/queue/inspect';
import { ended, result, submit, until } from '@slipway/queue/test-queues';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { pushLimits } from './push.ts';
import { canceled, isThere, testArchive } from './test-archive.ts';

let house: Awaited<ReturnType<typeof testArchive>>;
beforeEach(async () => {
  house = await testArchive(inject('redisUrl'));
});
afterEach(() => house.close());

const boot: typeof house.boot = (options) => house.boot(options);
const files = () => house.files();

test('of more erased jobs than one push takes none is left and none comes back', async () => {
  const { queues, archiver } = await boot({ limits: { ...pushLimits, erased: 5 } });
  const push = await house.pusher(queues);
  const ids: string[] = [];
  for (let i = 0; i < 7; i += 1) ids.push(await canceled(queues, `Secret ${i}.`));
  await push();
  for (const id of ids) await eraseJob(queues, id);
  await archiver.close(5_000);
  expect(house.content()).not.toContain('"text":"Secret');
});

test('of erased jobs in more files than one push writes none is left', async () => {
  const ids: string[] = [];
  for (let i = 0; i < 4; i += 1) {
    const { queues, archiver } = await boot();
    ids.push(await canceled(queues, `Secret ${i}.`));
    await archiver.close(1_000);
  }
  const { queues, archiver } = await boot({ limits: { ...pushLimits, rewritten: 3 } });
  for (const id of ids) await eraseJob(queues, id);
  await archiver.close(5_000);
  expect(house.content()).not.toContain('Secret');
});

test('content that a tombstone names and that was left in a file goes with the next container', async () => {
  const old = await boot();
  const id = await canceled(old.queues, 'The secret.');
  await old.archiver.close(1_000);
  const tombstone = JSON.stringify({ type: 'erased', id, erasedAt: Date.now() });
  files().set('jobs/2036-01-01T00-00-00-000Z-x-0.jsonl', Buffer.from(`${tombstone}\n`));
  const { archiver } = await boot();
  await archiver.close(1_000);
  expect(house.content()).toContain(id);
  expect(house.content()).not.toContain('The secret.');
});

test('what was erased just before its time is over is taken out of its file', async () => {
  const { queues } = await boot();
  const push = await house.pusher(queues);
  const id = await canceled(queues, 'The secret.');
  await push();
  await eraseJob(queues, id);
  await queues.use(({ redis, key }) => redis.del(key('summarize', id)));
  await push();
  expect(house.content()).not.toContain('The secret.');
});

test('a job that has ended is not run again where there is no room for it and an old snapshot has it', async () => {
  const first = await boot();
  const id = await submit(first.queues);
  await first.archiver.close(1_000);
  const [[path = '', old = Buffer.alloc(0)] = []] = [...files()].filter(([name]) => name.startsWith('open/'));
  const second = await boot();
  await cancelJob(second.queues, id);
  await second.archiver.close(1_000);
  files().set(path, old);
  const { queues } = await boot({ restoreMaxBytes: 1 });
  expect(await isThere(queues, id)).toBe(false);
});

test('a job that was erased is not run again where an old snapshot has it', async () => {
  const old = await boot();
  const id = await submit(old.queues);
  await old.archiver.close(1_000);
  const tombstone = JSON.stringify({ type: 'erased', id, erasedAt: Date.now() });
  files().set('jobs/2026-01-01T00-00-00-000Z-x-0.jsonl', Buffer.from(`${tombstone}\n`));
  expect(await isThere((await boot()).queues, id)).toBe(false);
});

test('a job that ran at each kill of its container loses an attempt each time, and then ends', async () => {
  const first = await boot();
  const push = await house.pusher(first.queues);
  const id = await submit(first.queues);
  const hold = Promise.withResolvers<typeof result>();
  house.work(first.prefix, () => hold.promise);
  await until(first.queues, id, (job) => job.state === 'running');
  await push();
  hold.resolve(result);
  const second = await boot(); // pushes at once, then is killed
  expect(await getJob(second.queues, id)).toMatchObject({ state: 'queued', attempts: 1 });
  const third = await boot();
  expect(await getJob(third.queues, id)).toMatchObject({ state: 'queued', attempts: 2 });
  const fourth = await boot();
  house.work(fourth.prefix, async () => result);
  expect(await until(fourth.queues, id, ended)).toMatchObject({ state: 'failed', error: { code: 'worker_lost' } });
});

test('of a job that is to be erased when it has ended the archive gets nothing, while it runs and after', async () => {
  const { prefix, queues, archiver } = await boot();
  const push = await house.pusher(queues);
  const [started, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  house.work(prefix, async () => {
    started.resolve();
    await gate.promise;
    return { ...result, output: { summary: 'The answer.' } };
  });
  const id = await submit(queues, 'The secret.');
  await started.promise;
  await eraseJob(queues, id);
  await push();
  await push(); // the tombstone is there already
  expect(house.content()).not.toContain('The secret.');
  gate.resolve();
  await until(queues, id, ended);
  await archiver.close(1_000); // before anybody has looked whether it may be erased
  expect(house.content()).toContain(id);
  expect(house.content()).not.toMatch(/The secret|The answer/);
});
