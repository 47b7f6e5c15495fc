import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { redisArguments } from './redis-arguments.ts';
import { copySnapshot, restoreSnapshot } from './redis-snapshots.ts';
import { findTool } from './tools.ts';

const dir = mkdtempSync(path.join(tmpdir(), 'slipway-rdb-'));
const socket = path.join(dir, 'redis.sock');
const at = (name: string) => path.join(dir, name);
const cli = (...args: string[]) =>
  execFileSync(findTool('redis-cli', 'redis-server'), ['-s', socket, ...args], { encoding: 'utf8' }).trim();

/** Runs our redis-server as the house does, for as long as `work` takes; it saves at its end. */
async function withRedis(redisDir: string, work: () => void): Promise<void> {
  mkdirSync(redisDir, { recursive: true });
  const args = redisArguments({ redisSocket: socket, redisMaxBytes: 64 * 1024 ** 2 }, redisDir);
  const server = spawn(findTool('redis-server', 'redis-server'), args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(server, 'exit');
  for await (const line of createInterface({ input: server.stdout })) if (/ready to accept/i.test(line)) break;
  server.stdout.resume();
  try {
    work();
  } finally {
    server.kill('SIGTERM');
    await ended;
  }
}

beforeAll(() => withRedis(at('first'), () => void cli('set', 'job', 'kept')));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
beforeEach(() => {
  for (const name of ['bucket', 'next']) rmSync(at(name), { recursive: true, force: true });
  mkdirSync(at('next'));
});
const copy = (second: number) =>
  copySnapshot(at('first/dump.rdb'), at('bucket'), new Date(`2030-01-31T12:00:0${second}.000Z`));
const inBucket = () => readdirSync(at('bucket')).sort();

test('a redis-server on an empty disk begins with the snapshot of the bucket', async () => {
  await copy(1);
  const { from, broken } = await restoreSnapshot(at('bucket'), at('next'));
  expect({ from, broken }).toEqual({ from: at('bucket/redis-20300131120001000.rdb'), broken: [] });
  await withRedis(at('next'), () => expect(cli('get', 'job')).toBe('kept'));
});

const name = (second: number) => `redis-2030013112000${second}000.rdb`;
const cut = (second: number) => {
  const file = at(`bucket/${name(second)}`);
  truncateSync(file, readFileSync(file).length - 9);
  return file;
};

test('the last four copies stay; of a newest one that is cut the one before is taken', async () => {
  for (const second of [1, 2, 3, 4, 5]) await copy(second);
  expect(inBucket()).toEqual([2, 3, 4, 5].map(name));
  const newest = cut(5);
  const { from, broken } = await restoreSnapshot(at('bucket'), at('next'));
  expect({ from, broken }).toEqual({ from: at(`bucket/${name(4)}`), broken: [newest] });
});

test('a copy that was found damaged is set aside and outlives all that come later', async () => {
  for (const second of [1, 2]) await copy(second);
  cut(2);
  await restoreSnapshot(at('bucket'), at('next'));
  for (const second of [3, 4, 5, 6]) await copy(second);
  expect(inBucket()).toEqual([`${name(2)}.broken`, ...[3, 4, 5, 6].map(name)]);
});

test('where none is whole nothing is begun without them, and they stay as they are', async () => {
  for (const second of [1, 2]) await copy(second);
  for (const second of [1, 2]) cut(second);
  await expect(restoreSnapshot(at('bucket'), at('next'))).rejects.toThrow('none of the 2 snapshots');
  expect(inBucket()).toEqual([1, 2].map(name));
  expect(existsSync(at('next/appendonlydir'))).toBe(false);
});

test('with the clock set back the newest copy is still the newest', async () => {
  for (const second of [6, 7, 8, 9]) await copy(second);
  await copy(1);
  await copy(2);
  expect(inBucket()).toEqual([name(8), name(9), 'redis-20300131120009001.rdb', 'redis-20300131120009002.rdb']);
});

test('data on the local disk is newer than any copy, so it stays', async () => {
  await copy(1);
  cpSync(at('first/appendonlydir'), at('next/appendonlydir'), { recursive: true });
  expect(await restoreSnapshot(at('bucket'), at('next'))).toEqual({ from: undefined, broken: [] });
});

test('a copy that was broken off is removed, and is none', async () => {
  mkdirSync(at('bucket'));
  writeFileSync(at('bucket/redis-20300131120001000.rdb.part'), 'REDIS');
  expect((await restoreSnapshot(at('bucket'), at('next'))).from).toBeUndefined();
  expect(inBucket()).toEqual([]);
});

test('a bucket without room: the error comes out and no half copy stays', async () => {
  writeFileSync(at('bucket'), ''); // no folder can be there
  await expect(copy(1)).rejects.toMatchObject({ code: 'EEXIST' });
});
