import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { DataFolder } from '@slipway/contract/data-folder';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { releaseData, waitForData } from './data-claim.ts';
import { anyFreePort, requireFreePort } from './free-port.ts';
import type { Lease } from './lease.ts';

/** The smallest snapshot that Redis' checker finds whole: one without a checksum. */
const whole = Buffer.from(`REDIS0009\xff${'\0'.repeat(8)}`, 'latin1');
const newest = 'redis-20300131120002000.rdb';

let home: string;
let data: DataFolder;
let port: number;
const said: string[] = [];
const at = (name: string) => path.join(home, name);
const mark = () => JSON.parse(readFileSync(at('data/.slipway-instance'), 'utf8'));
const never = new Promise<never>(() => {});
beforeEach(async () => {
  home = mkdtempSync(path.join(tmpdir(), 'slipway-claim-'));
  for (const name of ['data/redis-snapshots', 'first', 'second', 'third']) mkdirSync(at(name), { recursive: true });
  data = { kind: 'bucket', dir: at('data'), wanted: at('data'), reason: 'is a test' };
  port = await anyFreePort();
  said.length = 0;
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function claim(runDir: string, asked: Promise<'asked'> = never) {
  const say = (line: string) => void said.push(line);
  return waitForData({ data, runDir: at(runDir), patienceMs: 60_000, port, host: '127.0.0.1', say }, asked);
}
/** As another container: what it wrote into its run directory is not seen. */
async function claimElsewhere(): Promise<Lease> {
  const lease = await claim('first');
  rmSync(at('first/instance'));
  return lease as Lease;
}
const doorIsOpen = () =>
  fetch(`http://127.0.0.1:${port}/healthz`).then(
    ({ status }) => status === 200,
    () => false,
  );

test('the door is open until the one before lets go, and while the bucket does not show its last snapshot', async () => {
  const first = await claimElsewhere();
  expect(said).toEqual([]);
  const second = claim('second');
  await expect.poll(doorIsOpen).toBe(true);
  const file = at(`data/redis-snapshots/${newest}`);
  writeFileSync(file, whole);
  await releaseData(first, data);
  rmSync(file); // as a bucket that shows the mark first
  expect(mark()).toMatchObject({ released: true, newest });
  await expect.poll(() => mark().released).toBeUndefined(); // the second has it
  expect(await doorIsOpen()).toBe(true);
  writeFileSync(file, whole);
  const lease = await second;
  expect(lease).toMatchObject({ newest });
  expect(said).toEqual([expect.stringContaining('waiting')]);
  await requireFreePort(port, false);
  await releaseData(lease as Lease, data);
});

test('a folder that was let go, with its snapshot in view, is taken without a wait', async () => {
  writeFileSync(at(`data/redis-snapshots/${newest}`), whole);
  await releaseData(await claimElsewhere(), data);
  const lease = await claim('second');
  expect(said).toEqual([]);
  await releaseData(lease as Lease, { ...data, kind: 'disk' });
  expect(existsSync(at('data/.slipway-instance'))).toBe(false); // a disk shows all that is there
});

test('who has taken the folder as the stop is asked for lets go of it again', async () => {
  expect(await claim('first', Promise.resolve('asked'))).toBe('asked');
  expect(existsSync(at('data/.slipway-instance'))).toBe(false);
});

test('who is told to stop while it waits ends, and leaves all as it was', async () => {
  const first = await claimElsewhere();
  const before = mark();
  const stop = Promise.withResolvers<'asked'>();
  const second = claim('second', stop.promise);
  await expect.poll(doorIsOpen).toBe(true);
  stop.resolve('asked');
  expect(await second).toBe('asked');
  expect(mark()).toEqual(before);
  await requireFreePort(port, false);

  first.release(newest);
  const stopAgain = Promise.withResolvers<'asked'>();
  const third = claim('third', stopAgain.promise);
  await expect.poll(doorIsOpen).toBe(true);
  stopAgain.resolve('asked');
  expect(await third).toBe('asked');
  expect(mark()).toMatchObject({ released: true, newest });
});
