import { randomUUID } from 'node:crypto';
import type { ArchivedJob } from '@slipway/contract/archive';
import { newJobId } from '@slipway/contract/jobs';
import { afterEach, expect, inject, test } from 'vitest';
import { cancelJob } from '../cancel.ts';
import { eraseJob } from '../erase.ts';
import { getJob } from '../inspect.ts';
import { listJobs } from '../list.ts';
import type { Queues } from '../queues.ts';
import { sweep } from '../sweep.ts';
import { ended, result, submit, testQueues, until } from '../test-queues.ts';
import { forgetErased, readErased } from './erased.ts';
import { forgetArchived, markArchived, readFinished } from './finished.ts';
import { readOpen } from './open-jobs.ts';
import { restoreFinished, restoreOpen } from './restore.ts';
import { noteArchive } from './state.ts';

const { open, work, close } = testQueues(inject('redisUrl'));
afterEach(close);

const plenty = 1024 ** 2;

async function canceled(queues: Queues, text?: string): Promise<string> {
  const id = await submit(queues, text);
  await cancelJob(queues, id);
  return id;
}

const ids = (jobs: ArchivedJob[]) => jobs.map(({ id }) => id);

test('each job that has ended is read until it is marked, and not after', async () => {
  const queues = await open(randomUUID());
  const one = await canceled(queues);
  const batch = await readFinished(queues, plenty);
  expect(ids(batch.jobs)).toEqual([one]);
  expect(ids((await readFinished(queues, plenty)).jobs)).toEqual([one]);
  await markArchived(queues, batch, () => 'jobs/a.jsonl');
  const two = await canceled(queues); // perhaps in the same millisecond
  const next = await readFinished(queues, plenty);
  expect(ids(next.jobs)).toEqual([two]);
  await markArchived(queues, next, () => 'jobs/a.jsonl');
  expect((await readFinished(queues, plenty)).jobs).toEqual([]);
});

/** Ended at another time, as by another clock. */
const endedAt = (queues: Queues, id: string, at: number) =>
  queues.use(({ redis, key }) =>
    redis.multi().hset(key('summarize', id), 'finishedOn', at).zadd(key('summarize', 'failed'), at, id).exec(),
  );

test('a job that ended by a clock that is behind is read too', async () => {
  const queues = await open(randomUUID());
  await canceled(queues);
  await markArchived(queues, await readFinished(queues, plenty), () => 'x');
  const late = await canceled(queues);
  await endedAt(queues, late, Date.now() - 30_000);
  expect(ids((await readFinished(queues, plenty)).jobs)).toEqual([late]);
});

test('jobs that end after a clock was set back are read', async () => {
  const queues = await open(randomUUID());
  await endedAt(queues, await canceled(queues), Date.now() + 3_600_000);
  await markArchived(queues, await readFinished(queues, plenty), () => 'x');
  const next = await canceled(queues);
  expect(ids((await readFinished(queues, plenty)).jobs)).toEqual([next]);
});

test('of many that have ended none is missed where the oldest go while they are read', async () => {
  const queues = await open(randomUUID());
  const all: string[] = [];
  for (let i = 0; i < 520; i += 1) all.push(await canceled(queues));
  for (const [i, id] of all.entries()) await endedAt(queues, id, Date.now() - 60_000 + i);
  const last = all.at(-1) ?? '';
  const readOne = new RegExp(all[499] ?? '');
  const use: Queues['use'] = async (operation) => {
    const reply = await queues.use(operation);
    // the last of the first page has just been read
    if (readOne.test(JSON.stringify(reply) ?? ''))
      await queues.use(({ redis, key }) => redis.zremrangebyrank(key('summarize', 'failed'), 0, 99));
    return reply;
  };
  expect(ids((await readFinished({ ...queues, use }, plenty)).jobs)).toContain(last);
});

test('where the archive is gone all are read again', async () => {
  const queues = await open(randomUUID());
  const id = await canceled(queues);
  await markArchived(queues, await readFinished(queues, plenty), () => 'x');
  await forgetArchived(queues);
  expect(ids((await readFinished(queues, plenty)).jobs)).toEqual([id]);
});

test('what does not fit is read next', async () => {
  const queues = await open(randomUUID());
  const all: string[] = [];
  for (const letter of 'abc') all.push(await canceled(queues, letter.repeat(1_000)));
  const first = await readFinished(queues, 1_500);
  expect(first.isFull).toBe(true);
  await markArchived(queues, first, () => 'x');
  const rest = await readFinished(queues, plenty);
  expect(rest.isFull).toBe(false);
  expect([...ids(first.jobs), ...ids(rest.jobs)]).toEqual(all);
});

test('a job that is gone when it is to be marked does not come into being by it', async () => {
  const prefix = randomUUID();
  const queues = await open(prefix);
  const id = await canceled(queues);
  const batch = await readFinished(queues, plenty);
  await queues.use(({ redis, key }) => redis.del(key('summarize', id)));
  await markArchived(queues, batch, () => 'x');
  await expect(getJob(queues, id)).rejects.toMatchObject({ code: 'job_not_found' });
  expect((await listJobs(queues, { limit: 5 }, {})).jobs).toEqual([]);
});

test('a restore changes nothing of a job that is there, and brings none whose time is over', async () => {
  const prefix = randomUUID();
  const queues = await open(prefix);
  const id = await submit(queues);
  const [asOpen] = (await readOpen(queues, plenty)).jobs as [ArchivedJob];
  work(prefix, async () => result);
  const now = await until(queues, id, ended);
  expect(await restoreOpen(queues, asOpen)).toBe(false);
  const [asEnded] = (await readFinished(queues, plenty)).jobs as [ArchivedJob];
  expect(await restoreFinished(queues, { ...asEnded, attempts: 9 }, 'x')).toBe(false);
  expect((await readFinished(queues, plenty)).jobs).toEqual([]); // but that it is archived is known
  expect(await getJob(queues, id)).toEqual(now);
  const old = { ...asEnded, id: newJobId('summarize'), finishedAt: Date.now() - 60_000 };
  expect(await restoreFinished(queues, old, 'x')).toBe(false);
  const otherTask = { ...asOpen, id: asOpen.id.replace('summarize', 'translate') };
  expect(await restoreOpen(queues, otherTask)).toBe(false);
});

test('an open job that does not fit is left out and counted, and smaller ones behind it are not', async () => {
  const queues = await open(randomUUID());
  await submit(queues, 'x'.repeat(5_000));
  const small = await submit(queues, 'Small.');
  const { jobs, leftOut } = await readOpen(queues, 1_000);
  expect([ids(jobs), leftOut]).toEqual([[small], 1]);
});

test('an erased job is told of with its file until that is done; where nobody asks, until jobs expire', async () => {
  const prefix = randomUUID();
  const queues = await open(prefix);
  const id = await canceled(queues);
  await markArchived(queues, await readFinished(queues, plenty), () => 'jobs/a.jsonl');
  await eraseJob(queues, id);
  expect(await readErased(queues, 9)).toMatchObject([{ id, files: ['jobs/a.jsonl'], erasedAt: expect.any(Number) }]);
  await sweep(queues, { owners: [], maxBytes: Number.MAX_SAFE_INTEGER });
  expect(await readErased(queues, 9)).toHaveLength(1);
  await forgetErased(queues, await readErased(queues, 9));
  expect(await readErased(queues, 9)).toEqual([]);
  await queues.use(({ redis }) => redis.zadd(`${prefix}:slipway:archive:erased`, Date.now() - 60_001, id));
  await noteArchive(queues, { dataset: 'ann/jobs' });
  await sweep(queues, { owners: [], maxBytes: Number.MAX_SAFE_INTEGER });
  expect(await readErased(queues, 9)).toHaveLength(1);
  await queues.use(({ redis }) => redis.del(`${prefix}:slipway:archive:state`));
  await sweep(queues, { owners: [], maxBytes: Number.MAX_SAFE_INTEGER });
  expect(await readErased(queues, 9)).toEqual([]);
});
