import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
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

test('the last two copies stay; of a newest one that is cut the one before is taken', async () => {
  for (const second of [1, 2, 3]) await copy(second);
  expect(inBucket()).toEqual(['redis-20300131120002000.rdb', 'redis-20300131120003000.rdb']);
  const newest = at('bucket/redis-20300131120003000.rdb');
  truncateSync(newest, readFileSync(newest).length - 9);
  const { from, broken } = await restoreSnapshot(at('bucket'), at('next'));
  expect({ from, broken }).toEqual({ from: at('bucket/redis-20300131120002000.rdb'), broken: [newest] });
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
