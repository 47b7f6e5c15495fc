import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { readDataFolder } from '@slipway/config/data-folder';
import { createLog } from '@slipway/runtime/log';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { redisArguments } from './redis-arguments.ts';
import { openBucket } from './redis-bucket.ts';
import { readFollows } from './redis-follows.ts';
import { findTool } from './tools.ts';

const home = mkdtempSync(path.join(tmpdir(), 'slipway-bucket-'));
const at = (name: string) => path.join(home, name);
const cli = (...args: string[]) =>
  promisify(execFile)(findTool('redis-cli', 'redis-server'), ['-s', at('redis.sock'), ...args]);
let end: () => Promise<void>;
beforeEach(async () => {
  for (const name of ['redis', 'run', 'data']) mkdirSync(at(name), { recursive: true });
  const args = redisArguments({ redisSocket: at('redis.sock'), redisMaxBytes: 64 * 1024 ** 2 }, at('redis'));
  const server = spawn(findTool('redis-server', 'redis-server'), args, { stdio: ['ignore', 'pipe', 'inherit'] });
  end = async () => {
    const ended = once(server, 'exit');
    server.kill('SIGKILL');
    await ended;
  };
  for await (const line of createInterface({ input: server.stdout })) if (/ready to accept/i.test(line)) break;
  server.stdout.resume();
});
afterEach(async () => {
  await end();
  rmSync(home, { recursive: true, force: true });
});

function open(runDir = at('run')) {
  const data = { kind: 'bucket', dir: at('data'), wanted: '/data', reason: 'is a test' } as const;
  return openBucket({ runDir, data, redisDir: at('redis'), redisCli: cli, log: createLog('redis', 'silent') });
}
const copies = () => readdirSync(at('data/redis-snapshots')).sort();
const newest = () => readFileSync(at(`data/redis-snapshots/${copies().at(-1)}`), 'latin1');
/** Makes a save take a second or so, as that of much data does. */
async function slowSaves() {
  for (let i = 0; i < 20; i += 1) await cli('set', `key ${i}`, 'value');
  await cli('config', 'set', 'rdb-key-save-delay', '50000');
}

test('what is copied is the save that was asked for, however long it takes', async () => {
  await slowSaves();
  await cli('set', 'job', 'the-first');
  await open().snapshot();
  expect(readDataFolder(at('run'))?.snapshot).toEqual({ at: expect.any(String), fault: null });
  expect(newest()).toContain('the-first');
  await cli('set', 'job', 'the-second');
  await open().snapshot();
  expect(newest()).toContain('the-second');
});

test('a save that is under way already is not taken for ours', async () => {
  await slowSaves();
  await cli('bgsave');
  await cli('set', 'job', 'later');
  await open().snapshot();
  expect(newest()).toContain('later');
});

test('copies that come together are made one after the other, and the local data follows each of them', async () => {
  await cli('save');
  await slowSaves();
  const bucket = open();
  const done: string[] = [];
  const first = bucket.snapshot().then(() => done.push('snapshot'));
  await Promise.all([first, ...['last', 'last again'].map((name) => bucket.last().then(() => done.push(name)))]);
  expect(done).toEqual(['snapshot', 'last', 'last again']);
  expect(copies()).toHaveLength(3);
  expect(readFollows(at('redis')).snapshots).toEqual(copies().reverse());
});

test('a save that fails is told, and the copy before it stays the newest', async () => {
  await open().snapshot();
  const before = copies();
  rmSync(at('redis'), { recursive: true }); // where Redis would write it
  await open().snapshot();
  expect(readDataFolder(at('run'))?.snapshot).toEqual({ at: null, fault: 'Redis could not write it' });
  expect(copies()).toEqual(before);
});

test('a run directory without room for the note is no fault of the copy', async () => {
  await expect(open(at('nowhere')).snapshot()).resolves.toBeUndefined();
  expect(copies()).toHaveLength(1);
});
