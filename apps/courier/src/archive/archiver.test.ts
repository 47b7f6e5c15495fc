import { CodedError } from '@slipway/contract/problems';
import { cancelJob } from '@slipway/queue/cancel';
import { eraseJob } from '@slipway/queue/erase';
import { getJob } from '@slipway/queue/inspect';
import { listJobs } from '@slipway/queue/list';
import { getSubmitted } from '@slipway/queue/payload';
import type { Queues } from '@slipway/queue/queues';
import { ended, result, submit, until } from '@slipway/queue/test-queues';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { never, testArchive } from './test-archive.ts';

let house: Awaited<ReturnType<typeof testArchive>>;
beforeEach(async () => {
  house = await testArchive(inject('redisUrl'));
});
afterEach(() => house.close());

const boot: typeof house.boot = (options) => house.boot(options);
const work: typeof house.work = (...given) => house.work(...given);
const list = (queues: Queues, owner?: string) => listJobs(queues, { limit: 20 }, { owner });

test('jobs that have ended come back as they were, listed for their key, and can be retried', async () => {
  const old = await boot();
  const owned = { owner: 'ann', tags: ['red'], timeLimitMs: 5_000 };
  const good = await submit(old.queues, 'Good text.', owned);
  const bad = await submit(old.queues, 'Bad text.', { owner: 'ann' });
  const canceled = await submit(old.queues, 'No.', { owner: 'bob' });
  await cancelJob(old.queues, canceled);
  work(old.prefix, async ({ id }) => {
    if (id === bad) throw new CodedError('time_limit', 'Too long.');
    return { ...result, output: { summary: 'Schön 🏔.' } };
  });
  await Promise.all([good, bad].map((id) => until(old.queues, id, ended)));
  await old.archiver.close(1_000);

  const { queues } = await boot();
  for (const id of [good, bad, canceled]) expect(await getJob(queues, id)).toEqual(await getJob(old.queues, id));
  expect(await getJob(queues, good)).toMatchObject({ state: 'succeeded', output: { summary: 'Schön 🏔.' } });
  for (const owner of [undefined, 'ann', 'bob'])
    expect(await list(queues, owner)).toEqual(await list(old.queues, owner));
  expect((await list(queues, 'ann')).jobs.map(({ id }) => id)).toEqual([bad, good]);
  expect(await getSubmitted(queues, good)).toEqual(await getSubmitted(old.queues, good));
  await expect(getJob(queues, good, { owner: 'bob' })).rejects.toMatchObject({ code: 'job_not_found' });
});

test('jobs that waited or ran when the container was killed run in their order, with what was asked', async () => {
  const old = await boot();
  const hold = Promise.withResolvers<typeof result>();
  const terms = { owner: 'ann', tags: ['blue'], deadline: Date.now() + never };
  const running = await submit(old.queues, 'Running.');
  work(old.prefix, () => hold.promise);
  await until(old.queues, running, (job) => job.state === 'running');
  const low = await submit(old.queues, 'Low.', { priority: 'low' });
  const normal = await submit(old.queues, 'Normal.', terms);
  const high = await submit(old.queues, 'High.', { priority: 'high' });
  await old.archiver.close(1_000);
  const before = await getJob(old.queues, normal);
  hold.resolve(result);

  const { queues, prefix } = await boot();
  const { position: _old, ...asked } = before;
  const { position, ...restored } = await getJob(queues, normal);
  expect(restored).toEqual(asked);
  expect(position).toBe(3); // behind the one that ran, which goes to its place
  expect((await list(queues, 'ann')).jobs.map(({ id }) => id)).toEqual([normal]);
  const order: string[] = [];
  work(prefix, async ({ id, input }) => {
    order.push(id);
    return { ...result, output: { summary: (input as { text: string }).text } };
  });
  expect(await until(queues, low, ended)).toMatchObject({ state: 'succeeded', output: { summary: 'Low.' } });
  expect(order).toEqual([high, running, normal, low]);
});

test('a job that ended in a later container is not run again, and old snapshots go', async () => {
  const first = await boot();
  const id = await submit(first.queues);
  await first.archiver.close(1_000);
  const second = await boot();
  work(second.prefix, async () => result);
  await until(second.queues, id, ended);
  await second.archiver.close(1_000);
  expect(house.standIn.paths().filter((path) => path.startsWith('open/'))).toEqual([]);
  const third = await boot();
  expect(await getJob(third.queues, id)).toEqual(await getJob(second.queues, id));
});

test('what was erased does not come back, and is gone from the files', async () => {
  const old = await boot({ everyMs: 1 });
  const early = await submit(old.queues, 'An early secret.');
  work(old.prefix, async () => ({ ...result, output: { summary: 'Told.' } }));
  await until(old.queues, early, ended);
  while (!/"output":\{"summary":"Told/.test(house.content())) await house.standIn.nextCommit();
  const fromNowOn = house.standIn.nextCommit();
  await eraseJob(old.queues, early);
  await fromNowOn;
  const late = await submit(old.queues, 'A late secret.');
  await until(old.queues, late, ended);
  await eraseJob(old.queues, late);
  await old.archiver.close(1_000);
  expect(house.content()).toContain(early);
  expect(house.content()).not.toMatch(/secret|Told/);

  const { queues } = await boot();
  for (const id of [early, late]) {
    expect(await getJob(queues, id)).toEqual(await getJob(old.queues, id));
    await expect(getSubmitted(queues, id)).rejects.toMatchObject({ code: 'job_erased' });
  }
});

test('what was erased in a later container is taken out of the file of an earlier one', async () => {
  const first = await boot();
  const id = await submit(first.queues, 'The secret.');
  await cancelJob(first.queues, id);
  await first.archiver.close(1_000);
  expect(house.content()).toContain('The secret.');
  const second = await boot();
  await eraseJob(second.queues, id);
  await second.archiver.close(1_000);
  expect(house.content()).not.toContain('The secret.');
  expect((await getJob((await boot()).queues, id)).erasedAt).not.toBeNull();
});

test.each(['2026-01-01', '2036-01-01'])('a tombstone wins over content, also where its file is of %s', async (day) => {
  const old = await boot();
  const id = await submit(old.queues, 'The secret.');
  await cancelJob(old.queues, id);
  await old.archiver.close(1_000);
  const tombstone = JSON.stringify({ type: 'erased', id, erasedAt: Date.now() });
  house.standIn.repository?.files.set(`jobs/${day}T00-00-00-000Z-x-0.jsonl`, Buffer.from(`${tombstone}\n`));
  const { queues } = await boot();
  expect((await getJob(queues, id)).erasedAt).not.toBeNull();
  await expect(getSubmitted(queues, id)).rejects.toMatchObject({ code: 'job_erased' });
});

test('what has expired is not restored, and its files go', async () => {
  const old = await boot();
  const id = await submit(old.queues);
  await cancelJob(old.queues, id);
  await old.archiver.close(1_000);
  const [path = ''] = house.standIn.paths().filter((name) => name.startsWith('jobs/'));
  const text = house.standIn.text(path).replace(/"finishedAt":\d+/, `"finishedAt":${Date.now() - 61_000}`);
  house.standIn.repository?.files.delete(path);
  house.standIn.repository?.files.set('jobs/2020-01-01T00-00-00-000Z-x-0.jsonl', Buffer.from(text));
  const { queues, archiver } = await boot();
  await expect(getJob(queues, id)).rejects.toMatchObject({ code: 'job_not_found' });
  await archiver.close(1_000);
  expect(house.standIn.paths()).toEqual(['.gitattributes']);
});

test('faulty lines, cut files and files of others are passed over', async () => {
  const old = await boot();
  const id = await submit(old.queues);
  await cancelJob(old.queues, id);
  await old.archiver.close(1_000);
  const files = house.standIn.repository?.files;
  files?.set('README.md', Buffer.from('# Jobs'));
  files?.set(
    'jobs/2030-01-01T00-00-00-000Z-x-0.jsonl',
    Buffer.from(`{"type":"job","id":"x"}\nnot json\n{"type":"new"}\n{"ty`),
  );
  files?.set('jobs/2030-01-01T00-00-00-000Z-x-1.jsonl', Buffer.alloc(0));
  expect((await getJob((await boot()).queues, id)).state).toBe('canceled');
});

test('point 38: nothing new is no commit', async () => {
  const { queues, archiver } = await boot({ everyMs: 1 });
  const told = house.standIn.nextCommit();
  await submit(queues);
  await told;
  await archiver.close(1_000);
  expect(house.standIn.commits).toEqual(['0 ended, 1 open']);
  const { archiver: next } = await boot();
  await next.close(1_000);
  expect(house.standIn.commits).toHaveLength(2); // the snapshot is the new container's now
});
