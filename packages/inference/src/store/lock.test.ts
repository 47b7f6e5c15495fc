import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { acquireLock, isHeld, type Lock, takeAway } from './lock.ts';
import { newOwner, type Owner, retire } from './owner.ts';
import type { Patience } from './patience.ts';
import { noPatience } from './test-files.ts';

let dir: string;
let file: string;

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'slipway-lock-'));
  file = path.join(dir, 'made/test/main/.lock-fp32');
});
afterEach(() => rm(dir, { recursive: true }));

interface Waiting {
  patience?: Partial<Patience>;
  signal?: AbortSignal;
  onWait?: () => Promise<void>;
}
function acquire({ patience, signal = new AbortController().signal, onWait = async () => {} }: Waiting = {}) {
  return acquireLock(file, { patience: noPatience({ heartbeatMs: 1e6, ...patience }), signal, onWait });
}
const names = () => readdir(path.dirname(file));

/** Leaves a lock as a process would that is gone, or is elsewhere. */
async function leave(change: Partial<Owner>): Promise<Owner> {
  await (await acquire()).release();
  const me = await newOwner();
  retire(me);
  const owner = { ...me, ...change };
  await writeFile(file, JSON.stringify(owner));
  return owner;
}
/** Time that passes by sleeping alone. */
function fastClock(): Pick<Patience, 'sleep' | 'now'> {
  let ms = 0;
  const sleep = async (pauseMs: number) => {
    ms += pauseMs;
  };
  return { sleep, now: () => ms };
}
const deadPid = () => spawnSync(process.execPath, ['-e', '0']).pid;

test('one at a time, the next when it is released, and nothing is left', async () => {
  const order: string[] = [];
  const first = await acquire();
  const second = acquire({
    onWait: async () => {
      if (order.length > 0) return;
      order.push('first released');
      await first.release();
    },
  });
  await (await second).release();
  order.push('second released');
  expect(order).toEqual(['first released', 'second released']);
  expect(await names()).toEqual([]);
});

test('of many that ask at once each has it alone', async () => {
  let holders = 0;
  const hold = async (lock: Lock) => {
    holders += 1;
    expect(holders).toBe(1);
    await new Promise(setImmediate);
    holders -= 1;
    await lock.release();
  };
  await Promise.all(Array.from({ length: 20 }, () => acquire().then(hold)));
  expect(await names()).toEqual([]);
});

test('the lock of a dead process is taken at once', async () => {
  await leave({ pid: deadPid(), nonce: '00000000' });
  let waited = 0;
  const onWait = async () => {
    waited += 1;
  };
  await (await acquire({ onWait })).release();
  expect(waited).toBe(0);
});

test('so is one that a former process with our number has left', async () => {
  await leave({ nonce: '00000000' });
  const lock = await acquire();
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(lock.owner);
  await lock.release();
});

test.each([
  ['a process on another host', (): Partial<Owner> => ({ place: 'elsewhere', pid: deadPid() })],
  ['a living process, which may be another by now', (): Partial<Owner> => ({ pid: process.ppid })],
])('the lock of %s is waited for as long as it is renewed, and taken when it is silent', async (_, change) => {
  await leave(change());
  let looks = 0;
  const onWait = async () => {
    looks += 1;
    if (looks <= 300 && looks % 100 === 0) await utimes(file, looks, looks);
  };
  const lock = await acquire({ patience: { pollMs: 500, silentMs: 60_000, ...fastClock() }, onWait });
  expect(looks).toBe(300 + 1 + 60_000 / 500 - 1);
  await lock.release();
  expect(await names()).toEqual([]);
});

test('a lock that a process was killed over writing does not block for ever', async () => {
  await leave({});
  await writeFile(file, '');
  expect(await isHeld(file)).toBe(true);
  await (await acquire({ patience: fastClock() })).release();
  expect(await names()).toEqual([]);
});

test('who takes away the lock of a dead process, but finds the one of a faster process, puts it back', async () => {
  const dead = await leave({ pid: deadPid(), nonce: '00000000' });
  const faster = await acquire();
  const me = await newOwner();
  await takeAway(file, { owner: dead, modifiedMs: 0 }, me);
  retire(me);
  await faster.check();
  expect(faster.lost.aborted).toBe(false);
  expect(await names()).toEqual(['.lock-fp32']);
  await faster.release();
});

test('who loses it is told, and does not release the lock of another', async () => {
  const first = await acquire({ patience: { heartbeatMs: 1 } });
  const told = new Promise((resolve) => first.lost.addEventListener('abort', resolve));
  await writeFile(file, JSON.stringify({ ...first.owner, nonce: '00000000' }));
  await told;
  await first.release();
  expect(await names()).toEqual(['.lock-fp32']);
});

test('a heartbeat renews it', async () => {
  const lock = await acquire({ patience: { heartbeatMs: 1 } });
  await utimes(file, 1, 1);
  const waiting = new AbortController();
  const onWait = async () => {
    const { mtimeMs } = await stat(file);
    if (mtimeMs > 1000) waiting.abort(new Error('renewed'));
  };
  await expect(acquire({ onWait, signal: waiting.signal })).rejects.toThrow('renewed');
  await lock.release();
});

test('whether it is held', async () => {
  expect(await isHeld(file)).toBe(false);
  const lock = await acquire();
  expect(await isHeld(file)).toBe(true);
  await lock.release();
  expect(await isHeld(file)).toBe(false);
  await leave({ pid: deadPid(), nonce: '00000000' });
  expect(await isHeld(file)).toBe(false);
});
