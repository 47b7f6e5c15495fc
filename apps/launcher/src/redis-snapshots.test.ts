import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { readIfThere } from '@slipway/config/read-if-there';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { redisArguments } from './redis-arguments.ts';
import { readFollows } from './redis-follows.ts';
import { copySnapshot, newestSnapshot, restoreSnapshot, snapshotShows } from './redis-snapshots.ts';
import { findTool } from './tools.ts';

vi.mock('@slipway/config/read-if-there', { spy: true });

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
  for (const name of ['bucket', 'second', 'next', 'other']) rmSync(at(name), { recursive: true, force: true });
  mkdirSync(at('next'));
});
const copy = (second: number) => copySnapshot(at('first'), at('bucket'), new Date(`2030-01-31T12:00:0${second}.000Z`));
const inBucket = () =>
  readdirSync(at('bucket'))
    .filter((name) => name !== 'bucket-id')
    .sort();

test('a redis-server on an empty disk begins with the snapshot of the bucket', async () => {
  await copy(1);
  const from = at('bucket/redis-20300131120001000.rdb');
  expect(await restoreSnapshot(at('bucket'), at('next'))).toEqual({ from, broken: [], setAside: undefined });
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

/** Local data with a key of its own, on what `bucket` holds. */
const work = async (local: string, bucket: string, key: string) => {
  mkdirSync(at(local), { recursive: true });
  const restored = await restoreSnapshot(at(bucket), at(local));
  await withRedis(at(local), () => void cli('set', key, 'kept'));
  return restored;
};
const keysIn = async (local: string) => {
  let keys: string[] = [];
  await withRedis(at(local), () => {
    keys = cli('keys', '*').split('\n').sort();
  });
  return keys;
};
const copyOf = (local: string, bucket = 'bucket') => copySnapshot(at(local), at(bucket), new Date());

test('local data that goes on from the newest copy is newer, so it stays, whatever the bucket shows of its last copy', async () => {
  expect(await work('next', 'bucket', 'first')).toEqual({ from: undefined, broken: [], setAside: undefined });
  const goesOn = { from: undefined, broken: [], setAside: undefined };
  expect(await work('next', 'bucket', 'before any copy')).toEqual(goesOn);
  await copyOf('next');
  expect(await work('next', 'bucket', 'after the copy')).toEqual(goesOn);
  // the machine was killed soon after the next copy: the bucket shows it, half of it, or nothing
  await copyOf('next');
  const [, newest = ''] = inBucket();
  expect(await work('next', 'bucket', 'all there')).toEqual(goesOn);
  truncateSync(at(`bucket/${newest}`), 9);
  expect(await work('next', 'bucket', 'half there')).toEqual(goesOn);
  rmSync(at(`bucket/${newest}`));
  expect(await work('next', 'bucket', 'not there')).toEqual(goesOn);
  expect(await keysIn('next')).toHaveLength(6);
});

test('a copy that fails makes nobody a stranger to the one before, nor to itself where it got there after all', async () => {
  await work('next', 'bucket', 'first');
  await copyOf('next');
  renameSync(at('next/dump.rdb'), at('next/kept'));
  for (let i = 0; i < 6; i += 1) await expect(copyOf('next')).rejects.toMatchObject({ code: 'ENOENT' });
  expect((await restoreSnapshot(at('bucket'), at('next'))).setAside).toBeUndefined();
  const [last = ''] = readFollows(at('next')).snapshots;
  expect(inBucket()).not.toContain(last);
  cpSync(at('next/kept'), at(`bucket/${last}`)); // as if killed right after the copy
  expect((await restoreSnapshot(at('bucket'), at('next'))).setAside).toBeUndefined();
});

test('copies that failed do not push those that are there out of the note', async () => {
  await work('next', 'bucket', 'first');
  for (let i = 0; i < 2; i += 1) await copyOf('next');
  renameSync(at('next/dump.rdb'), at('next/kept'));
  for (let i = 0; i < 6; i += 1) await expect(copyOf('next')).rejects.toMatchObject({ code: 'ENOENT' });
  renameSync(at('next/kept'), at('next/dump.rdb'));
  await copyOf('next');
  expect(readFollows(at('next')).snapshots).toEqual(inBucket().reverse());
  expect(inBucket()).toHaveLength(3);
});

test('who comes back to a bucket that another instance has had begins with its copy; the own data is set aside', async () => {
  await work('next', 'bucket', 'J1');
  await copyOf('next');
  await work('other', 'bucket', 'J2');
  await copyOf('other');
  const setAside = at('next/appendonlydir.set-aside');
  expect(await work('next', 'bucket', 'J3')).toMatchObject({ from: expect.any(String), setAside });
  expect((await work('next', 'bucket', 'J3')).setAside).toBeUndefined();
  expect(await keysIn('next')).toEqual(['J1', 'J2', 'J3']);
  await copyOf('next');
  await work('other', 'bucket', 'J4'); // and of what is set aside only the last stays
  await copyOf('other');
  expect(await work('next', 'bucket', 'J5')).toMatchObject({ setAside });
  expect(await keysIn('next')).toEqual(['J1', 'J2', 'J3', 'J4', 'J5']);
  expect(readdirSync(at('next')).filter((name) => name.startsWith('appendonlydir'))).toHaveLength(2);
});

test('local data of one bucket does not go into another', async () => {
  await work('next', 'bucket', 'A');
  await copyOf('next');
  await work('other', 'second', 'B'); // killed before its first copy
  expect(await work('next', 'second', 'B')).toMatchObject({ from: undefined, setAside: expect.any(String) });
  expect(await keysIn('next')).toEqual(['B']);
  await copyOf('next', 'second');
  expect(await work('next', 'bucket', 'A2')).toMatchObject({ from: expect.any(String), setAside: expect.any(String) });
  expect(await keysIn('next')).toEqual(['A', 'A2']);
});

test('a bucket whose id could not be read for a moment is still told from ours, and keeps its id', async () => {
  await work('next', 'bucket', 'A');
  await work('other', 'second', 'B');
  const id = readFileSync(at('second/bucket-id'), 'utf8');
  vi.mocked(readIfThere).mockReturnValueOnce(undefined);
  expect(await restoreSnapshot(at('second'), at('next'))).toMatchObject({ setAside: expect.any(String) });
  expect(readFileSync(at('second/bucket-id'), 'utf8')).toBe(id);
});

test('a bucket that shows nothing takes nothing away from the local data, and is known when it shows it again', async () => {
  await work('next', 'bucket', 'first');
  await copyOf('next');
  const id = readFileSync(at('bucket/bucket-id'), 'utf8');
  rmSync(at('bucket'), { recursive: true });
  expect((await work('next', 'bucket', 'second')).setAside).toBeUndefined();
  expect(readFileSync(at('bucket/bucket-id'), 'utf8')).toBe(id);
});

test('a kill between setting aside and the restore loses nothing of the bucket', async () => {
  await work('next', 'bucket', 'J1');
  await copyOf('next');
  await work('other', 'bucket', 'J2');
  await copyOf('other');
  renameSync(at('next/appendonlydir'), at('next/appendonlydir.set-aside'));
  expect((await restoreSnapshot(at('bucket'), at('next'))).from).toBeDefined();
  expect(existsSync(at('next/appendonlydir.set-aside'))).toBe(true);
  expect(await keysIn('next')).toEqual(['J1', 'J2']);
});

test('a copy shows when it, or a later one, is there and whole', async () => {
  const shows = (second: number) => snapshotShows(at('bucket'), name(second), 0);
  expect(await shows(2)).toBe(false);
  await copy(1);
  expect(await shows(2)).toBe(false);
  await copy(2);
  expect([await shows(1), await shows(2), await newestSnapshot(at('bucket'))]).toEqual([true, true, name(2)]);
  cut(2);
  expect(await shows(2)).toBe(false);
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
