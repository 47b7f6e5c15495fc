import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { markArchived, readFinished } from '@slipway/queue/archive/finished';
import { noteArchive, readArchiveState } from '@slipway/queue/archive/state';
import { cancelJob } from '@slipway/queue/cancel';
import { eraseJob } from '@slipway/queue/erase';
import { getJob } from '@slipway/queue/inspect';
import { getSubmitted } from '@slipway/queue/payload';
import type { Queues } from '@slipway/queue/queues';
import { submit } from '@slipway/queue/test-queues';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { pushLimits } from './push.ts';
import { canceled, isThere, never, testArchive } from './test-archive.ts';

let house: Awaited<ReturnType<typeof testArchive>>;
beforeEach(async () => {
  house = await testArchive(inject('redisUrl'));
});
afterEach(() => house.close());

const boot: typeof house.boot = (options) => house.boot(options);
const files = () => house.files();
const snapshots = () => house.snapshots();

test('jobs that have ended and do not fit into one push stay in the snapshot of open ones until the next', async () => {
  const { queues } = await boot();
  const push = await house.pusher(queues, { limits: { ...pushLimits, finished: 5_000 } });
  const ids: string[] = [];
  for (let i = 0; i < 9; i += 1) ids.push(await submit(queues, String(i).padEnd(1_000, '.')));
  await push();
  for (const id of ids) await cancelJob(queues, id);
  expect(await push()).toBe(true);
  const content = house.content();
  expect(ids.filter((id) => !content.includes(id))).toEqual([]);
  while (await push());
  expect(snapshots()).toEqual([]);
});

test('a job that ends while a push reads is in the archive after it, whenever it ends', async () => {
  const { queues } = await boot();
  let calls = 0;
  let endBefore = 0;
  let id = '';
  const use: Queues['use'] = async (operation) => {
    calls += 1;
    if (calls === endBefore) await cancelJob(queues, id);
    return queues.use(operation);
  };
  const push = await house.pusher({ ...queues, use });
  do {
    id = await submit(queues);
    endBefore += 1;
    calls = 0;
    await push();
    expect(house.content(), `ended before call ${endBefore}`).toContain(id);
  } while (endBefore < calls);
  expect(endBefore).toBeGreaterThan(10);
});

test('a container that stops removes nothing of the one that came after it', async () => {
  const old = await boot();
  const pushOld = await house.pusher(old.queues);
  await submit(old.queues);
  await pushOld();
  const next = await boot();
  const pushNext = await house.pusher(next.queues);
  const newer = await submit(next.queues);
  await pushNext();
  await submit(old.queues);
  await pushOld();
  expect(house.content()).toContain(newer);
});

test('what a container that is replaced pushes in the end comes over, and then goes', async () => {
  const old = await boot();
  const pushOld = await house.pusher(old.queues);
  await submit(old.queues);
  await pushOld();
  const next = await boot();
  const pushNext = await house.pusher(next.queues);
  await pushNext();
  const [open, done] = [await submit(old.queues), await canceled(old.queues)];
  await pushOld();
  await pushNext();
  expect(await getJob(next.queues, open)).toMatchObject({ state: 'queued' });
  expect(await getJob(next.queues, done)).toMatchObject({ state: 'canceled' });
  await pushNext();
  expect(snapshots()).toHaveLength(1);
  expect(house.content()).toContain(open);
});

test('a snapshot that somebody has removed is put there again', async () => {
  const { queues } = await boot();
  const push = await house.pusher(queues);
  const id = await submit(queues);
  await push();
  for (const path of snapshots()) files().delete(path);
  await push();
  expect(house.content()).toContain(id);
});

test('all goes again to a dataset that was removed', async () => {
  const { queues, archiver } = await boot({ everyMs: 5 });
  const told = house.standIn.nextCommit();
  const [done, open] = [await canceled(queues), await submit(queues)];
  await told;
  while (!house.content().includes(done)) await house.standIn.nextCommit();
  house.standIn.repository = undefined;
  await archiver.close(1_000);
  expect(house.content()).toContain(done);
  expect(house.content()).toContain(open);
});

test.each([
  ['of an older snapshot', { commit: 'older' }],
  ['of another dataset', { dataset: 'ann/other' }],
])('a Redis %s gets what the archive has besides, and takes nothing from it', async (_, state) => {
  const old = await boot();
  const [done, open] = [await canceled(old.queues), await submit(old.queues)];
  await old.archiver.close(1_000);
  const queues = await house.open(randomUUID());
  await noteArchive(queues, { dataset: house.standIn.dataset, commit: house.standIn.sha, ...state });
  const archiver = house.archive(queues);
  while (!(await isThere(queues, open))) await sleep(5);
  expect(await isThere(queues, done)).toBe(true);
  await archiver.close(1_000);
  expect(house.content()).toContain(open);
});

test('what was pushed to another dataset is pushed to the new one', async () => {
  await boot(); // which is there
  const queues = await house.open(randomUUID());
  const id = await canceled(queues);
  await markArchived(queues, await readFinished(queues, 1_000), () => 'jobs/elsewhere.jsonl');
  await noteArchive(queues, { dataset: 'ann/other', commit: 'x' });
  const archiver = house.archive(queues);
  while ((await readArchiveState(queues)).dataset !== house.standIn.dataset) await sleep(5);
  await archiver.close(1_000);
  expect(house.content()).toContain(id);
});

test('a Redis that outlived its courier does not wait for the Hub', async () => {
  const { queues, archiver } = await boot();
  await archiver.close(1_000);
  house.standIn.accident = (_call, request) => !!request.socket.destroy();
  expect(await house.archive(queues).restored(never)).toBe(true);
});

test('open jobs of another version stay in the archive, also when the courier starts again', async () => {
  const old = await boot();
  const id = await submit(old.queues);
  await old.archiver.close(1_000);
  for (const path of snapshots())
    files().set(
      path,
      Buffer.from(`${house.standIn.text(path).replaceAll('summarize', 'unheard')}{"type":"new","id":"n"}\n`),
    );
  const { queues, archiver } = await boot();
  await submit(queues);
  await archiver.close(1_000);
  const again = house.archive(queues);
  await again.restored(never);
  await submit(queues);
  await again.close(1_000);
  expect(house.content()).toContain(id.replace('summarize', 'unheard'));
  expect(house.content()).toContain('{"type":"new","id":"n"}\n');
});

test('a job that was handed back at the stop loses nothing', async () => {
  const old = await boot();
  const id = await submit(old.queues);
  await old.queues.use(({ redis, key }) => redis.hset(key('summarize', id), 'processedOn', Date.now())); // and waits
  await old.archiver.close(1_000);
  const { queues } = await boot();
  expect(await getJob(queues, id)).toMatchObject({ state: 'queued', attempts: 0 });
  expect(await getSubmitted(queues, id)).toMatchObject({ input: { text: 'Some text.' } });
});

test('an instance that has lost its data to another one pushes nothing more', async () => {
  const { queues, archiver } = await boot({ isLost: () => true });
  await submit(queues);
  await archiver.close(1_000);
  expect(house.standIn.commits).toEqual([]);
});

test('a Redis that refuses to be written to gets no second commit of the same', async () => {
  const { queues } = await boot();
  let isFull = false;
  const use: Queues['use'] = (operation) =>
    queues.use(async (open) => {
      const refuse = () => Promise.reject(Object.assign(new Error('OOM'), { name: 'ReplyError' }));
      const get = (target: object, name: string) => {
        if (isFull && /^(hset|slipwayMarkArchived)$/.test(name)) return refuse;
        const value = Reflect.get(target, name);
        return typeof value === 'function' ? value.bind(target) : value;
      };
      return operation({ ...open, redis: new Proxy(open.redis, { get } as ProxyHandler<typeof open.redis>) });
    });
  const push = await house.pusher({ ...queues, use });
  const id = await canceled(queues);
  isFull = true;
  for (let i = 0; i < 3; i += 1) await expect(push()).rejects.toMatchObject({ code: 'queue_unavailable' });
  expect(house.standIn.commits).toHaveLength(1);
  isFull = false;
  await push();
  expect(house.standIn.commits).toHaveLength(1);
  expect(house.content().match(new RegExp(`"id":"${id}"`, 'g'))).toHaveLength(1);
});

test('of many small files one is made, from which all comes back and what is erased goes', async () => {
  const ids: string[] = [];
  const limits = { ...pushLimits, files: 4 };
  for (let i = 0; i < 4; i += 1) {
    const { queues, archiver } = await boot({ limits });
    ids.push(await canceled(queues, `Secret ${i}.`));
    await archiver.close(1_000);
  }
  const old = files();
  const { queues } = await boot({ limits });
  const push = await house.pusher(queues, { limits });
  await push();
  expect(house.standIn.paths()).toHaveLength(2); // and .gitattributes
  const [first = ''] = ids;
  for (const [path, bytes] of old) if (bytes.includes(first)) expect(house.standIn.paths()).not.toContain(path);
  await eraseJob(queues, first);
  await push();
  expect(house.content()).not.toContain('Secret 0.');
  const next = await boot();
  for (const id of ids) expect(await getJob(next.queues, id)).toMatchObject({ state: 'canceled' });
});
