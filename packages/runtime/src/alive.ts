import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const markOf = (runDir: string, name: string) => path.join(runDir, 'alive', name);

/**
 * Tells the others in the run directory that a process of this name lives. All are told to stop at once, and each looks
 * here for the end of the one before it: so the order holds whoever gave the signal, and needs no supervisor that lives.
 */
export function markAlive(runDir: string, name: string): void {
  mkdirSync(path.join(runDir, 'alive'), { recursive: true });
  writeFileSync(markOf(runDir, name), String(process.pid));
}

/** Resolves when no process of this name lives; at once where there never was one. */
export async function untilGone(runDir: string, name: string): Promise<void> {
  while (lives(readPid(markOf(runDir, name)))) await sleep(25);
}

function readPid(file: string): number {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch {
    return 0;
  }
}

function lives(pid: number): boolean {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // somebody else's: it lives
  }
}

/** Ended, and not yet buried by whoever inherited it: its supervisor was killed. Only Linux shows it. */
function isZombie(pid: number): boolean {
  try {
    return /^\d+ \(.*\) Z /s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
