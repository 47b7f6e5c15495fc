import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

/** Containers of their own see neither each other's run directories nor sockets. */
async function claim(dir: string, host: string, patienceMs = 0, runDir = `/nowhere/${host}`): Promise<Lease> {
  const lease = await claimDataDir({ dir, runDir, host, beatMs: 40, patienceMs });
  cleanUp.push(() => lease.release());
  return lease;
}
const markIn = (dir: string) => path.join(dir, '.slipway-instance');

test('a second container on one volume is refused, with the name of the first', async () => {
  const dir = folder();
  await claim(dir, 'first');
  await expect(claim(dir, 'second')).rejects.toThrow(
    `${dir} is in use by another instance, in first. One volume takes one container`,
  );
});

test('one that is replaced gets the time to let go', async () => {
  const dir = folder();
  const first = await claim(dir, 'first');
  const second = claim(dir, 'second', 60_000);
  const released = new Promise((resolve) => setTimeout(resolve, 300)).then(() => first.release()); // seen to beat first
  await expect(second).resolves.toBeDefined();
  await released;
});

test('the mark of one that was killed is taken when it has not changed for a while, an old one at once', async () => {
  const dir = folder();
  const dead = { id: 'x', host: 'dead', runDir: '/nowhere/dead', beat: 7, beatMs: 40 };
  for (const at of [Date.now(), 0]) {
    writeFileSync(markIn(dir), JSON.stringify({ ...dead, at }));
    const lease = await claim(dir, 'next');
    expect(JSON.parse(readFileSync(markIn(dir), 'utf8'))).toMatchObject({ host: 'next' });
    lease.release();
  }
});

test('who loses the folder is told, and leaves the mark of the other one alone', async () => {
  const dir = folder();
  const lease = await claim(dir, 'first');
  const other = JSON.stringify({ id: 'other', host: 'second', runDir: '/nowhere/second', beat: 0, beatMs: 40, at: 0 });
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
  lease.release();
  expect(await dataDirIsTaken(dir)).toBe(false);
});
