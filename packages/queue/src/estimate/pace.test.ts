import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterEach, expect, inject, test } from 'vitest';
import { mostFields, paceKey, parsePace, type Run, recordRun } from './pace.ts';

const socket = inject('redisUrl').slice('unix://'.length);
const connections: Redis[] = [];
function connect(): Redis {
  const redis = new Redis(socket);
  connections.push(redis);
  return redis;
}
afterEach(() => {
  for (const redis of connections.splice(0)) redis.disconnect();
});

const run = (fields: Partial<Run> = {}): Run => ({
  task: 'summarize',
  model: 'made/one',
  inputLength: 1_000,
  runMs: 100,
  ...fields,
});
const read = async (redis: Redis, prefix: string) => parsePace(await redis.hgetall(paceKey(prefix, 'summarize')));

test('run times are kept as means by model and length', async () => {
  const [redis, prefix] = [connect(), randomUUID()];
  await recordRun(redis, prefix, run({ runMs: 100 }));
  await recordRun(redis, prefix, run({ runMs: 300 }));
  await recordRun(redis, prefix, run({ runMs: 5_000, inputLength: 60_000 }));
  await recordRun(redis, prefix, run({ runMs: 7.5, model: null }));
  const pace = await read(redis, prefix);
  expect(pace.get('made/one')).toEqual([
    { ms: 200, length: expect.closeTo(Math.log2(1_000), 3), runs: 2 },
    { ms: 5_000, length: expect.closeTo(Math.log2(60_000), 3), runs: 1 },
  ]);
  expect(pace.get(null)).toMatchObject([{ ms: 7.5, runs: 1 }]);
  expect([...pace.keys()]).toEqual([null, 'made/one']); // the one that ran last
});

test('old times are forgotten: after a change to a machine of twice the speed the mean follows within thirty runs', async () => {
  const [redis, prefix] = [connect(), randomUUID()];
  for (let i = 0; i < 50; i++) await recordRun(redis, prefix, run({ runMs: 1_000 }));
  for (let i = 0; i < 30; i++) await recordRun(redis, prefix, run({ runMs: 500 }));
  const [measured] = (await read(redis, prefix)).get('made/one') ?? [];
  expect(measured?.ms).toBeGreaterThan(500);
  expect(measured?.ms).toBeLessThan(525);
});

test('two who write at once lose nothing', async () => {
  const prefix = randomUUID();
  const writers = [connect(), connect()];
  await Promise.all(
    Array.from({ length: 200 }, (_, i) => recordRun(writers[i % 2] as Redis, prefix, run({ runMs: 40 }))),
  );
  expect((await read(connect(), prefix)).get('made/one')).toMatchObject([{ ms: 40, runs: 200 }]);
});

test('the fields are bounded: the one that was written longest ago goes', async () => {
  const [redis, prefix] = [connect(), randomUUID()];
  const model = (i: number) => `made/${i}`;
  for (let i = 0; i < mostFields; i++) await recordRun(redis, prefix, run({ model: model(i) }));
  await recordRun(redis, prefix, run({ model: model(0) }));
  await recordRun(redis, prefix, run({ model: model(mostFields) }));
  expect(await redis.hlen(paceKey(prefix, 'summarize'))).toBe(mostFields);
  const models = [...(await read(redis, prefix)).keys()];
  expect(models.slice(0, 2)).toEqual([model(mostFields), model(0)]);
  expect(models).not.toContain(model(1));
});

test('a broken value is passed over, and mended by the next run', async () => {
  const [redis, prefix] = [connect(), randomUUID()];
  await recordRun(redis, prefix, run({ inputLength: 40 }));
  const broken = { '9 made/one': 'fast', '7 made/one': '1 2 0 4', '8 made/one': '-1 2 3 4', x: '1 2 3 4', '3 ': '' };
  await redis.hset(paceKey(prefix, 'summarize'), broken);
  expect([...(await read(redis, prefix))]).toEqual([['made/one', [expect.objectContaining({ ms: 100 })]]]);
  await recordRun(redis, prefix, run({ runMs: 300 })); // of the bucket that says `fast`
  expect((await read(redis, prefix)).get('made/one')).toMatchObject([{ ms: 100 }, { ms: 300, runs: 1 }]);
});

test('a run time that no clock can have measured is not kept', async () => {
  const [redis, prefix] = [connect(), randomUUID()];
  for (const runMs of [-5, Number.NaN, Number.POSITIVE_INFINITY]) await recordRun(redis, prefix, run({ runMs }));
  expect((await read(redis, prefix)).size).toBe(0);
});
