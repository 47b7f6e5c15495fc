import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { markAlive, somebodyLives, untilGone, untilNobodyLives } from './alive.ts';

let runDir: string;
beforeEach(() => {
  runDir = mkdtempSync(path.join(tmpdir(), 'slipway-alive-'));
});
afterEach(() => rmSync(runDir, { recursive: true, force: true }));

async function isOver(wait: Promise<void>): Promise<boolean> {
  let over = false;
  void wait.then(() => {
    over = true;
  });
  await new Promise(setImmediate);
  return over;
}

test('the end of a process is waited for, also of one that was killed', async () => {
  const script = `
    import { markAlive } from '${import.meta.dirname}/alive.ts';
    markAlive(${JSON.stringify(runDir)}, 'worker');
    console.log('marked');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(createInterface({ input: child.stdout }), 'line');
  const gone = untilGone(runDir, 'worker');
  expect(await isOver(gone)).toBe(false);
  child.kill('SIGKILL');
  await gone; // it may be before this process hears of the end itself
});

test('one that never was is gone, and one that lives is not', async () => {
  await untilGone(runDir, 'courier');
  markAlive(runDir, 'gateway');
  expect(await isOver(untilGone(runDir, 'gateway'))).toBe(false);
  rmSync(path.join(runDir, 'alive'), { recursive: true }); // ends the wait
});

test('all of them are waited for, whatever their names, but no longer than said', async () => {
  expect(await untilNobodyLives(runDir, 0)).toBe(true);
  const children = ['courier', 'redis'].map((name) => {
    const child = spawn('sleep', ['60']);
    mkdirSync(path.join(runDir, 'alive'), { recursive: true });
    writeFileSync(path.join(runDir, 'alive', name), String(child.pid));
    return child;
  });
  expect(await untilNobodyLives(runDir, 50)).toBe(false);
  children[1]?.kill();
  expect(await untilNobodyLives(runDir, 50)).toBe(false);
  children[0]?.kill();
  expect(await untilNobodyLives(runDir, 60_000)).toBe(true);
});

test("a mark that nobody renews is not believed: the pid is somebody else's by now", () => {
  markAlive(runDir, 'worker');
  expect(somebodyLives(runDir)).toBe(true);
  const before = new Date(Date.now() - 60_000);
  utimesSync(path.join(runDir, 'alive', 'worker'), before, before);
  expect(somebodyLives(runDir)).toBe(false);
});
