import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeDataFolder } from '@slipway/config/data-folder';
import { environmentWith } from '@slipway/config/environment';
import type { DataKind } from '@slipway/contract/data-folder';
import { noteLost } from '@slipway/runtime/lost';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { redisAnswers } from './redis-server.ts';
import { findTool } from './tools.ts';

let home: string;
let runDir: string;
let socket: string;
const processes: ChildProcess[] = [];
beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), 'slipway-rw-'));
  runDir = path.join(home, `slipway-${userInfo().uid}-7860`);
  socket = path.join(runDir, 'redis.sock');
  mkdirSync(runDir);
});
afterEach(() => {
  for (const child of processes.splice(0)) child.kill('SIGKILL');
  if (existsSync(path.join(runDir, 'redis.pid')) && serverLives()) process.kill(serverPid(), 'SIGKILL');
  rmSync(home, { recursive: true, force: true });
});
const cli = (...args: string[]) =>
  execFileSync(findTool('redis-cli', 'redis-server'), ['-s', socket, ...args], { encoding: 'utf8' }).trim();
const serverPid = () => Number(readFileSync(path.join(runDir, 'redis.pid'), 'utf8'));
const serverLives = (pid = serverPid()) =>
  existsSync(`/proc/${pid}/stat`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));

/** The wrapper as pm2 runs it. */
function run(kind: DataKind, ...args: string[]) {
  writeDataFolder(runDir, { kind, dir: path.join(home, 'data'), wanted: '/data', reason: 'is a test' });
  const wrapper = spawn(process.execPath, [path.join(import.meta.dirname, 'redis.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: environmentWith({
      HOME: home,
      TMPDIR: home,
      PORT: '7860',
      DATA_DIR: path.join(home, 'data'),
      LOG_LEVEL: 'info',
    }),
  });
  processes.push(wrapper);
  const lines: string[] = [];
  const reader = createInterface({ input: wrapper.stdout }).on('line', (line) => lines.push(line));
  const output = () => lines.join('\n');
  const over = once(wrapper, 'close').then(([code]) => ({ code: code as number | null, output: output() }));
  return { wrapper, reader, output, over, ended: over.then(({ code }) => code) };
}

/** Once its server takes connections. */
async function start(kind: DataKind = 'disk', ...args: string[]) {
  const wrapper = run(kind, ...args);
  while (!wrapper.output().includes('redis-server runs')) await once(wrapper.reader, 'line');
  return wrapper;
}

/** A worker for whose end Redis waits. */
function markWorker(): ChildProcess {
  const worker = spawn('sleep', ['60']);
  processes.push(worker);
  mkdirSync(path.join(runDir, 'alive'), { recursive: true });
  writeFileSync(path.join(runDir, 'alive/worker'), String(worker.pid));
  return worker;
}

test('a server that hangs at the stop does not outlive its wrapper', async () => {
  const { wrapper, ended } = await start();
  const pid = serverPid();
  process.kill(pid, 'SIGSTOP');
  wrapper.kill('SIGTERM');
  expect(await ended).toBe(0);
  expect(serverLives(pid)).toBe(false);
});

test('on a disk the stop writes no snapshot, for all is in the append-only file', async () => {
  const { wrapper, ended } = await start();
  cli('set', 'job', 'kept');
  wrapper.kill('SIGTERM');
  expect(await ended).toBe(0);
  expect(existsSync(path.join(home, 'data/redis/dump.rdb'))).toBe(false);
  await start();
  expect(cli('get', 'job')).toBe('kept');
});

test('a client that stays does not hold up the stop', async () => {
  const { wrapper, ended, output } = await start();
  const client = spawn(findTool('redis-cli', 'redis-server'), ['-s', socket, 'subscribe', 'x']);
  await once(client.stdout, 'data');
  wrapper.kill('SIGTERM');
  expect(await ended).toBe(0);
  expect(output()).not.toContain('took too long');
});

test('the server of a wrapper that was killed is ended before another one starts, though it hangs', async () => {
  const { wrapper, ended } = await start();
  cli('set', 'job', 'kept');
  const pid = serverPid();
  process.kill(pid, 'SIGSTOP');
  wrapper.kill('SIGKILL');
  await ended;
  expect(serverLives(pid)).toBe(true);
  await start();
  expect(serverLives(pid)).toBe(false);
  expect(cli('get', 'job')).toBe('kept');
});

test('on a bucket the last snapshot has what was written after the signal too', async () => {
  const { wrapper, ended, output } = await start('bucket');
  const worker = markWorker();
  wrapper.kill('SIGTERM');
  while (!output().includes('a snapshot of Redis is in the bucket')) await sleep(20);
  for (let i = 1; i <= 50; i += 1) cli('set', 'job', `result ${i}`); // half a second
  worker.kill();
  expect(await ended).toBe(0);
  rmSync(path.join(runDir, 'redis'), { recursive: true }); // the next container has no data of its own
  await start('bucket');
  expect(cli('get', 'job')).toBe('result 50');
});

test('point 40: on a bucket what was copied now and then is there after a kill of all, on a machine with nothing', async () => {
  const { wrapper, ended, output } = await start('bucket', '1000');
  for (let i = 1; i <= 2; i += 1) {
    cli('set', 'job', `result ${i}`);
    const copied = output().split('is in the bucket').length + 1; // the next may have begun before
    await expect.poll(() => output().split('is in the bucket').length).toBeGreaterThan(copied);
  }
  process.kill(serverPid(), 'SIGKILL');
  wrapper.kill('SIGKILL');
  await ended;
  rmSync(runDir, { recursive: true });
  mkdirSync(runDir);
  await start('bucket');
  expect(cli('get', 'job')).toBe('result 2');
});

test('once another instance has the data Redis ends at once, and its snapshot goes nowhere', async () => {
  const { wrapper, ended, output } = await start('bucket');
  markWorker();
  noteLost(runDir);
  wrapper.kill('SIGTERM');
  expect(await ended).toBe(0);
  expect(output()).toContain('another instance has the data');
  expect(readdirSync(path.join(home, 'data/redis-snapshots'))).toEqual(['bucket-id']);
});

test('without one whole snapshot among those in the bucket it does not start empty', async () => {
  mkdirSync(path.join(home, 'data/redis-snapshots'), { recursive: true });
  const snapshot = path.join(home, 'data/redis-snapshots/redis-20300131120001000.rdb');
  writeFileSync(snapshot, 'REDIS0010 half of the jobs');
  const { code, output } = await run('bucket').over;
  expect(code).toBe(1);
  expect(output).toMatch(/"level":"fatal".+none of the 1 snapshots in .+ is whole/);
  expect(existsSync(snapshot)).toBe(true);
});

test('a server that hangs is told from one that is slow', async () => {
  const { wrapper, ended } = await start();
  expect(await redisAnswers(socket, 60_000)).toBe(true);
  process.kill(serverPid(), 'SIGSTOP');
  expect(await redisAnswers(socket, 50)).toBe(false);
  expect(await redisAnswers(path.join(home, 'nothing'), 60_000)).toBe(false);
  process.kill(serverPid(), 'SIGCONT');
  wrapper.kill('SIGTERM');
  await ended;
});
