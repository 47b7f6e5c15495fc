import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { endWhatHangs } from './hang-watch.ts';

const alive = path.resolve(import.meta.dirname, '../../../packages/runtime/src/alive.ts');
let runDir: string;
let watching: AbortController;
const children: ChildProcess[] = [];
beforeEach(() => {
  runDir = mkdtempSync(path.join(tmpdir(), 'slipway-hangs-'));
  watching = new AbortController();
});
afterEach(() => {
  watching.abort();
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(runDir, { recursive: true, force: true });
});

/** A process that has marked itself alive, and hangs when it is written to. */
async function started(name: string) {
  const script = `
    import { markAlive } from '${alive}';
    markAlive(${JSON.stringify(runDir)}, '${name}', 10);
    process.stdin.on('data', () => { for (;;); });
    console.log('marked');`;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  await once(createInterface({ input: child.stdout }), 'line');
  return child;
}

test('a process whose event loop stands still is ended, and no other', async () => {
  const [hanging, healthy] = await Promise.all([started('worker'), started('gateway')]);
  // left by one that ended long ago: the pid is somebody else's now, and no child of the supervisor
  writeFileSync(path.join(runDir, 'alive', 'courier'), String(process.pid));
  const hung: string[] = [];
  const onHang = (name: string) => void hung.push(name);
  void endWhatHangs({ runDir, supervisorPid: process.pid, everyMs: 100, misses: 10, onHang, signal: watching.signal });
  hanging.stdin.write('hang');
  expect(await once(hanging, 'exit')).toEqual([null, 'SIGKILL']);
  expect(hung).toEqual(['worker']);
  expect(healthy.exitCode ?? healthy.signalCode).toBeNull();
});
