import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { claimRunDir } from './claim.ts';
import { claimDataDir, dataDirIsTaken, type Lease } from './lease.ts';

const cleanUp: (() => void)[] = [];
afterEach(() => {
  for (const undo of cleanUp.splice(0).reverse()) undo();
});

function folder(): string {
  const dir = mkdtempSync(path.join(tmpdir(), 'slipway-lease-'));
  cleanUp.push(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** As a container: what it wrote into its run directory is gone for the others. */
async function claimElsewhere(dir: string, host: string, patienceMs = 0, runDir = folder()): Promise<Lease> {
  const lease = await claim(dir, host, patienceMs, runDir);
  rmSync(path.join(runDir, 'instance'));
  return lease;
}

async function claim(dir: string, host: string, patienceMs = 0, runDir = folder()): Promise<Lease> {
  const lease = await claimDataDir({ dir, runDir, host, beatMs: 40, patienceMs });
  cleanUp.push(() => lease.release());
  return lease;
}
const markIn = (dir: string) => path.join(dir, '.slipway-instance');

test('a second container on one volume is refused, with the name of the first', async () => {
  const dir = folder();
  await claimElsewhere(dir, 'first');
  await expect(claim(dir, 'second')).rejects.toThrow(
    `${dir} is in use by another instance, in first. One volume takes one container`,
  );
});

test('neither a host name nor a run directory in common makes it one machine', async () => {
  const [dir, runDir] = [folder(), folder()];
  await claimElsewhere(dir, 'slipway', 0, runDir);
  await expect(claim(dir, 'slipway', 0, runDir)).rejects.toThrow('One volume takes one container');
  writeFileSync(path.join(runDir, 'instance'), 'an earlier one of ours');
  await expect(claim(dir, 'slipway', 0, runDir)).rejects.toThrow('One volume takes one container');
});

test('one that is replaced gets the time to let go', async () => {
  const dir = folder();
  const first = await claimElsewhere(dir, 'first');
  const second = claim(dir, 'second', 60_000);
  const released = new Promise((resolve) => setTimeout(resolve, 300)).then(() => first.release()); // seen to beat first
  await expect(second).resolves.toBeDefined();
  await released;
});

test('a claim that is broken off while it waits takes nothing when the other one lets go', async () => {
  const dir = folder();
  const first = await claimElsewhere(dir, 'first');
  const stop = new AbortController();
  const waits = Promise.withResolvers<void>();
  const options = { dir, runDir: folder(), host: 'second', beatMs: 40, patienceMs: 60_000, signal: stop.signal };
  const second = claimDataDir({ ...options, onWait: waits.resolve });
  await waits.promise;
  stop.abort();
  first.release('redis-1.rdb');
  await expect(second).rejects.toThrow('abort');
  expect(JSON.parse(readFileSync(markIn(dir), 'utf8'))).toMatchObject({ host: 'first', released: true });
});

test('what one says at its end of its last snapshot is told to who comes next, and after a kill to who comes then', async () => {
  const dir = folder();
  (await claim(dir, 'first')).release('redis-1.rdb');
  expect(await dataDirIsTaken(dir)).toBe(false);
  const killed = await claimElsewhere(dir, 'killed');
  expect(killed.newest).toBe('redis-1.rdb');
  const mark = readFileSync(markIn(dir), 'utf8');
  expect(JSON.parse(mark).released).toBeUndefined();
  killed.release(); // it beats no more
  writeFileSync(markIn(dir), mark);
  expect((await claim(dir, 'next')).newest).toBe('redis-1.rdb');
});

test('the mark of one that was killed is taken when it has not changed for a while', async () => {
  const dir = folder();
  const dead = { id: 'x', host: 'dead', runDir: '/nowhere/dead', beat: 7, beatMs: 40 };
  writeFileSync(markIn(dir), JSON.stringify(dead));
  await claim(dir, 'next');
  expect(JSON.parse(readFileSync(markIn(dir), 'utf8'))).toMatchObject({ host: 'next' });
});

test('what a killed launcher of this machine has left is waited for, its Redis too', async () => {
  const [dir, runDir] = [folder(), folder()];
  await claim(dir, 'here', 0, runDir); // no launcher answers there
  const worker = spawn('sleep', ['60']);
  cleanUp.push(() => worker.kill());
  mkdirSync(path.join(runDir, 'alive'));
  writeFileSync(path.join(runDir, 'alive/worker'), String(worker.pid));
  await expect(claim(dir, 'here')).rejects.toThrow('in use by another instance');
  const redis = createServer().listen(path.join(runDir, 'redis.sock'));
  await once(redis, 'listening');
  cleanUp.push(() => redis.close());
  worker.kill();
  await once(worker, 'exit');
  await expect(claim(dir, 'here')).rejects.toThrow('in use by another instance');
  const next = claim(dir, 'here', 60_000);
  redis.close();
  await expect(next).resolves.toBeDefined();
});

test('a claim that is broken off while it waits for what a launcher has left takes nothing', async () => {
  const [dir, runDir] = [folder(), folder()];
  await claim(dir, 'first', 0, runDir);
  const redis = createServer().listen(path.join(runDir, 'redis.sock'));
  await once(redis, 'listening');
  const stop = new AbortController();
  const waits = Promise.withResolvers<void>();
  const options = { dir, runDir: folder(), host: 'second', beatMs: 40, patienceMs: 60_000, signal: stop.signal };
  const second = claimDataDir({ ...options, onWait: waits.resolve });
  await waits.promise;
  stop.abort();
  redis.close();
  await expect(second).rejects.toThrow('abort');
  expect(JSON.parse(readFileSync(markIn(dir), 'utf8'))).toMatchObject({ host: 'first' });
});

test('a disk without room for a beat: no half mark stays', async () => {
  const dir = folder();
  await claim(dir, 'first');
  rmSync(markIn(dir));
  mkdirSync(path.join(markIn(dir), 'in the way'), { recursive: true }); // nothing can be renamed to it
  await new Promise((resolve) => setTimeout(resolve, 200)); // some beats
  expect(readdirSync(dir)).toEqual(['.slipway-instance']);
  rmSync(markIn(dir), { recursive: true });
});

test('who loses the folder is told, and leaves the mark of the other one alone', async () => {
  const dir = folder();
  const lease = await claim(dir, 'first');
  const other = JSON.stringify({ id: 'other', host: 'second', runDir: '/nowhere/second', beat: 0, beatMs: 40 });
  writeFileSync(markIn(dir), other);
  await lease.lost;
  lease.release();
  expect(readFileSync(markIn(dir), 'utf8')).toBe(other);
});

test('on one machine the socket of the launcher tells at once', async () => {
  const [dir, runDir] = [folder(), folder()];
  expect(await dataDirIsTaken(dir)).toBe(false);
  const lease = await claim(dir, 'here', 0, runDir);
  expect(await dataDirIsTaken(dir)).toBe(false); // nobody lives there
  await claimRunDir(runDir, 1);
  expect(await dataDirIsTaken(dir)).toBe(true);
  await expect(claim(dir, 'here', 60_000, folder())).rejects.toThrow('Give this one its own: DATA_DIR=… npm start');
  lease.release('redis-1.rdb'); // it has let go, though it lives
  expect(await dataDirIsTaken(dir)).toBe(false);
});
