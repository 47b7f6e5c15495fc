import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Mark, readMarks } from '@slipway/runtime/alive';

export interface HangWatchOptions {
  runDir: string;
  /** Only its children are ended: the pid of a mark may long be somebody else's. */
  supervisorPid: number;
  everyMs: number;
  /** So many looks in a row without a sign of life are too many; counted, not timed, so that a laptop may sleep. */
  misses: number;
  /** Told before the process is killed. */
  onHang: (name: string) => void;
  signal: AbortSignal;
}

/** Kills a process of the house whose event loop has long stood still: pm2 brings back only what has ended. */
export async function endWhatHangs(options: HangWatchOptions): Promise<void> {
  const { runDir, supervisorPid, everyMs, misses, onHang, signal } = options;
  let last = new Map<string, Mark & { missed: number }>();
  while (!signal.aborted) {
    const marks = readMarks(runDir).map((mark) => {
      const before = last.get(mark.name);
      const isSame = before?.pid === mark.pid && before.at === mark.at;
      return { ...mark, missed: isSame ? before.missed + 1 : 0 };
    });
    for (const { name, pid, missed } of marks) {
      if (missed < misses || parentOf(pid) !== supervisorPid) continue;
      onHang(name);
      kill(pid);
    }
    last = new Map(marks.map((mark) => [mark.name, mark]));
    await sleep(everyMs, undefined, { ref: false });
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it has ended meanwhile
  }
}

/** Undefined where there is no such process, or no /proc to ask. */
function parentOf(pid: number): number | undefined {
  try {
    const afterName = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1) ?? '';
    return Number(afterName.split(' ')[1]);
  } catch {
    return undefined;
  }
}
