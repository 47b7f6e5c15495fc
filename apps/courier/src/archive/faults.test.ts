import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { CodedError } from '@slipway/contract/problems';
import { type ArchiveState, readArchiveState } from '@slipway/queue/archive/state';
import { cancelJob } from '@slipway/queue/cancel';
import { getJob } from '@slipway/queue/inspect';
import { listJobs } from '@slipway/queue/list';
import { getSubmitted } from '@slipway/queue/payload';
import type { Queues } from '@slipway/queue/queues';
import { submitJob } from '@slipway/queue/submit';
import { ended, result, submit, until } from '@slipway/queue/test-queues';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { log } from '../test-courier.ts';
import { never, testArchive } from './test-archive.ts';

let house: Awaited<ReturnType<typeof testArchive>>;
beforeEach(async () => {
  house = await testArchive(inject('redisUrl'));
});
afterEach(() => house.close());

const boot: typeof house.boot = (options) => house.boot(options);
const list = (queues: Queues) => listJobs(queues, { limit: 20 }, {});

test('point 39: 429, 412, 5xx and cut connections put an archive off, and nothing is lost or kept twice', async () => {
  const faults = [429, 412, 409, 503, 'cut', 'cut after'];
  const left = [...faults];
  house.standIn.accident = (call, request, response) => {
    if (call !== 'commit' || left.length === 0) return false;
    const fault = left.shift();
    if (fault === 'cut after') {
      // it happens, and nobody hears of it
      response.end = () => response.destroy() as never;
      return false;
    }
    if (fault === 'cut') request.socket.destroy();
    else request.resume().once('end', () => response.writeHead(Number(fault), { 'retry-after': '0' }).end());
    return true;
  };
  const old = await boot({ everyMs: 1 });
  const told = house.standIn.nextCommit();
  const id = await submit(old.queues);
  await cancelJob(old.queues, id);
  await told;
  await old.archiver.close(5_000);
  expect(left).toEqual([]);
  expect(house.content().match(/"type":"job"/g)).toHaveLength(1);
  expect(await getJob((await boot()).queues, id)).toEqual(await getJob(old.queues, id));
});

test('point 39: a hub that is away keeps nobody from working; when it is back, the restore takes nothing newer away', async () => {
  const old = await boot();
  const before = await submit(old.queues, 'Of before.');
  const both = await submit(old.queues, 'Known to both.');
  await old.archiver.close(1_000);

  house.standIn.accident = (_call, request) => !!request.socket.destroy();
  const prefix = randomUUID();
  const queues = await house.open(prefix);
  const archiver = house.archive(queues);
  expect(await archiver.restored(10)).toBe(false);
  const job = await getSubmitted(old.queues, both);
  await submitJob(queues, 'summarize', job.input as { text: string }, job.options as never, {}, { id: both });
  house.work(prefix, async () => result);
  const newer = await until(queues, both, ended);

  house.standIn.accident = undefined;
  expect(await archiver.restored(never)).toBe(true);
  expect(await until(queues, before, ended)).toMatchObject({ state: 'succeeded' });
  expect(await getJob(queues, both)).toEqual(newer);
});

test('a hub that refuses is not waited for, and is asked again all the same', async () => {
  house.standIn.repository = { private: false, files: new Map() };
  const queues = await house.open(randomUUID());
  const told: (string | undefined)[] = [];
  const use: Queues['use'] = (operation) =>
    queues.use((open) => {
      const get = (target: object, name: string) => {
        const value = Reflect.get(target, name);
        if (name !== 'hset') return typeof value === 'function' ? value.bind(target) : value;
        return (key: string, state: ArchiveState) => {
          told.push(state.restore);
          return open.redis.hset(key, state);
        };
      };
      return operation({ ...open, redis: new Proxy(open.redis, { get } as ProxyHandler<typeof open.redis>) });
    });
  const archiver = house.archive({ ...queues, use });
  expect(await archiver.restored(never)).toBe(false);
  while (told.length < 4) await sleep(5);
  house.standIn.repository.private = true;
  while (!house.standIn.calls.some((call) => call.startsWith('list'))) await sleep(5);
  while (told.at(-1) !== 'done') await sleep(5);
  // the gateway must not take it for under way again with each try
  expect([...new Set(told)]).toEqual(['under_way', 'refused', 'done']);
  expect(told.filter((state) => state === 'under_way')).toHaveLength(1);
});

test('a restore that takes longer than the start waits is told as late until it is done', async () => {
  house.standIn.accident = (_call, request) => !!request.socket.destroy();
  const queues = await house.open(randomUUID());
  const archiver = house.archive(queues);
  expect(await archiver.restored(10)).toBe(false);
  expect((await readArchiveState(queues)).restore).toBe('late');
  house.standIn.accident = undefined;
  expect(await archiver.restored(never)).toBe(true);
  expect(await readArchiveState(queues)).toMatchObject({ restore: 'done', dataset: house.standIn.dataset, fault: '' });
});

test('point 37: a stop before the restore pushes and removes nothing of what is there', async () => {
  const old = await boot();
  const waiting = await submit(old.queues);
  await old.archiver.close(1_000);
  house.standIn.accident = (call, _request, response) => call === 'resolve' && !!response.writeHead(503).end();
  const queues = await house.open(randomUUID());
  const archiver = house.archive(queues);
  expect(await archiver.restored(10)).toBe(false);
  const done = await submit(queues);
  await cancelJob(queues, done);
  await archiver.close(1_000);
  house.standIn.accident = undefined;
  const { queues: all } = await boot();
  expect(await getJob(all, waiting)).toMatchObject({ state: 'queued' });
  expect(await getJob(all, done)).toMatchObject({ state: 'canceled' });
});

test('a Redis that outlived its courier is not restored again', async () => {
  const { queues, archiver } = await boot();
  const id = await submit(queues);
  await cancelJob(queues, id);
  await archiver.close(1_000);
  const calls = house.standIn.calls.length;
  expect(await house.archive(queues).restored(never)).toBe(true);
  expect(house.standIn.calls.slice(calls).filter((call) => call.startsWith('resolve'))).toEqual([]);
});

test('of more than fits the newest come back', async () => {
  const ids: string[] = [];
  for (const letter of 'abc') {
    const { queues, archiver } = await boot(); // a file each
    const id = await submit(queues, letter.repeat(12_000));
    await cancelJob(queues, id);
    await archiver.close(1_000);
    ids.push(id);
  }
  const { queues } = await boot({ restoreMaxBytes: 32_000 });
  expect((await list(queues)).jobs.map(({ id }) => id)).toEqual(ids.slice(1).toReversed());
});

test('point 39: the Hub is left alone for as long as it asks', async () => {
  const pauses: number[] = [];
  const heard = Promise.withResolvers<void>();
  const warn = ({ againMs }: { againMs?: number }) => {
    if (againMs !== undefined) pauses.push(againMs);
    heard.resolve();
  };
  house.standIn.accident = (call, request, response) => {
    if (call !== 'commit') return false;
    const headers = { ratelimit: '"api";r=0;t=55' };
    request.resume().once('end', () => response.writeHead(429, headers).end());
    return true;
  };
  const spying = Object.assign(Object.create(log), { warn });
  const { queues, archiver } = await boot({ everyMs: 1, log: spying });
  await submit(queues);
  await heard.promise;
  await archiver.close(0);
  expect(pauses).toEqual([55_000]);
});

test('a request to a hub that says nothing does not keep the last push from being tried', async () => {
  const silent = Promise.withResolvers<void>();
  let left = 1;
  house.standIn.accident = (call) => {
    if (call !== 'list' || house.standIn.calls.length < 4 || left === 0) return false;
    left -= 1;
    silent.resolve();
    return true;
  };
  const { queues, archiver } = await boot({ everyMs: 1 });
  const id = await submit(queues);
  await silent.promise;
  await archiver.close(3_000);
  expect(house.content()).toContain(id);
});

test('a fault of Redis is waited out longer each time', async () => {
  const pauses: number[] = [];
  const heard = Promise.withResolvers<void>();
  const warn = ({ againMs }: { againMs?: number }) => {
    if (againMs !== undefined) pauses.push(againMs);
    if (pauses.length === 5) heard.resolve();
  };
  const spying = Object.assign(Object.create(log), { warn });
  const queues = await house.open(randomUUID());
  const use: Queues['use'] = async () => {
    throw new CodedError('queue_unavailable', 'Away.');
  };
  house.archive({ ...queues, use }, { log: spying, againMs: 2 });
  await heard.promise;
  expect(pauses[4]).toBeGreaterThan(5 * (pauses[0] ?? 0));
});

test('a dataset that becomes public gets nothing more', async () => {
  const { queues, archiver } = await boot();
  if (house.standIn.repository) house.standIn.repository.private = false;
  await submit(queues);
  await archiver.close(0);
  expect(house.standIn.commits).toEqual([]);
});

test('a dataset that is removed is made anew', async () => {
  const { queues, archiver } = await boot();
  house.standIn.repository = undefined;
  await submit(queues);
  await archiver.close(0);
  expect(house.standIn.repository).toMatchObject({ private: true });
  expect(house.standIn.commits).toEqual(['0 ended, 1 open']);
});

test('point 38: more than a file holds lies in several, more than a push takes in several pushes, and all of it comes back', async () => {
  const { queues, archiver } = await boot();
  const ids: string[] = [];
  for (let i = 0; i < 600; i += 1) ids.push(await submit(queues, String(i).padEnd(15_000, '.')));
  for (const id of ids) await cancelJob(queues, id);
  await archiver.close(5_000);
  const sizes = house.standIn.paths().map((path) => house.standIn.text(path).length);
  expect(Math.max(...sizes)).toBeLessThan(2.2 * 1024 ** 2);
  expect(house.standIn.commits).toHaveLength(2);
  const next = await boot({ restoreMaxBytes: 16 * 1024 ** 2 });
  for (const id of ids) expect(await getJob(next.queues, id)).toMatchObject({ state: 'canceled' });
});

test('point 38: one push touches less than a hundred files, whatever has gathered there', async () => {
  const old = await boot();
  const id = await submit(old.queues);
  const old100 = Array.from({ length: 120 }, (_, i) => `open/2026-01-01T00-00-00-000Z-x-${i}.jsonl`);
  const files = house.standIn.repository?.files;
  for (const path of old100) files?.set(path, Buffer.from('\n'));
  await old.archiver.close(1_000);
  const touched: number[] = [];
  const left = () => house.standIn.paths().filter((path) => path.includes('-x-')).length;
  for (let before = left(); before > 0; before = left()) {
    const next = await boot();
    await submit(next.queues);
    await next.archiver.close(1_000);
    touched.push(before - left());
  }
  expect(Math.max(...touched)).toBeLessThan(90);
  expect(house.content()).toContain(id);
});

test('point 38: between two pushes is as much time as was told, however much is new', async () => {
  const everyMs = 200;
  const at: number[] = [];
  const { queues } = await boot({ everyMs });
  for (let i = 0; i < 3; i += 1) {
    await submit(queues, `Text ${i}.`);
    await house.standIn.nextCommit();
    at.push(performance.now());
  }
  const gaps = at.slice(1).map((now, i) => now - (at[i] ?? now));
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(everyMs - 20); // timers may be a little early, a commit's way back late
});
