import { setTimeout as sleep } from 'node:timers/promises';

/**
 * A process that ends so often within such a time can't be brought back; the longer one is for those that live some seconds
 * each time. pm2 itself never gives up: a crash after a second of life does not count with it, and a container with a live
 * nginx and no gateway would answer 502 for ever.
 */
const crashLimits = [
  { ends: 6, withinMs: 60_000 },
  { ends: 10, withinMs: 600_000 },
];
/** No limit needs more of the past than this. */
const mostEnds = Math.max(...crashLimits.map(({ ends }) => ends));

/** Tells, for each end of a process, whether it was one too many. `now` in milliseconds. */
export function createCrashCounter(): (name: string, now: number) => boolean {
  const known = new Map<string, number[]>();
  return (name, now) => {
    const last = [...(known.get(name) ?? []), now].slice(-mostEnds);
    known.set(name, last);
    return crashLimits.some(({ ends, withinMs }) => last.filter((at) => now - at < withinMs).length >= ends);
  };
}

/** Of pm2 itself are only lines that begin with the time: what others print may hold any of its words. */
const ofPm2 = /^[\dT:-]+: PM2 (?:log|error|warn)/i;

/** The processes' own lines, and of pm2's only those that tell of a process that ended badly. */
export function worthReading(line: string): boolean {
  if (!ofPm2.test(line)) return true;
  // killed by another than pm2, the system for want of memory for one, it ends with code 0
  const isBad = / exited with code \[(?!0\])/.test(line) || / via signal \[SIG(?!INT\]|TERM\])/.test(line);
  return isBad || /PM2 error/i.test(line) || / errored/.test(line);
}

/**
 * The process of the house of which a line of pm2 says that it ended, or undefined. A fork's services do not count: jobs
 * run without them, and `/readyz` tells of them.
 */
export function endedProcess(line: string): string | undefined {
  const name = ofPm2.test(line) ? / App \[([^\]]+):\d+\] exited with code \[/.exec(line)?.[1] : undefined;
  return name?.startsWith('service-') ? undefined : name;
}

export interface DoorOptions {
  /** Resolves with whether the house answered. */
  ask: () => Promise<boolean>;
  everyMs: number;
  /** So many times without an answer in a row are too many; counted, not timed, so that a laptop may sleep. */
  misses: number;
}

/** For what hangs and does not end: resolves when the house has not answered for long. */
export async function doorIsDead({ ask, everyMs, misses }: DoorOptions): Promise<void> {
  for (let missed = 0; missed < misses; ) {
    await sleep(everyMs, undefined, { ref: false });
    missed = (await ask()) ? 0 : missed + 1;
  }
}
