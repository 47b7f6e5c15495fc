import { mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** How often a process shows that its event loop turns, in milliseconds. */
export const beatMs = 2_000;

const markOf = (runDir: string, name: string) => path.join(runDir, 'alive', name);

/**
 * Tells the others in the run directory that a process of this name lives. All are told to stop at once, and each looks
 * here for the end of the one before it: so the order holds whoever gave the signal, and needs no supervisor that lives.
 * The mark is renewed every `everyMs` while the event loop turns: one that stays as it is tells of a process that hangs.
 */
export function markAlive(runDir: string, name: string, everyMs = beatMs): void {
  const mark = markOf(runDir, name);
  mkdirSync(path.dirname(mark), { recursive: true });
  writeFileSync(mark, String(process.pid));
  setInterval(() => {
    try {
      const now = new Date();
      utimesSync(mark, now, now);
    } catch {
      // the run directory was removed: nobody looks any more
    }
  }, everyMs).unref();
}

export interface Mark {
  name: string;
  pid: number;
  /** When its process last showed a sign of life, in milliseconds since 1970. */
  at: number;
}

/** What processes have left in the run directory, also those that have ended. */
export function readMarks(runDir: string): Mark[] {
  try {
    return readdirSync(path.join(runDir, 'alive')).map((name) => {
      const mark = markOf(runDir, name);
      return { name, pid: readPid(mark), at: statSync(mark).mtimeMs };
    });
  } catch {
    return []; // there are none yet, or one has just gone
  }
}

/** Resolves when no process of this name lives; at once where there never was one. */
export async function untilGone(runDir: string, name: string): Promise<void> {
  while (lives(readPid(markOf(runDir, name)))) await sleep(25);
}

/** A mark that has not been renewed in as long is that of a process that hangs, or its pid is somebody else's by now. */
const staleMs = 10 * beatMs;

/** Whether a process lives that has marked itself, under whatever name. */
export const somebodyLives = (runDir: string): boolean =>
  readMarks(runDir).some(({ pid, at }) => lives(pid) && Date.now() - at < staleMs);

/** Resolves with true when none does, and with false after so many milliseconds. */
export async function untilNobodyLives(runDir: string, limitMs: number): Promise<boolean> {
  const end = performance.now() + limitMs;
  while (somebodyLives(runDir)) {
    if (performance.now() > end) return false;
    await sleep(25);
  }
  return true;
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
