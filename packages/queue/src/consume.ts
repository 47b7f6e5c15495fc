import { setTimeout as sleep } from 'node:timers/promises';
import type { Result } from '@slipway/contract/records';
import type { TaskName } from '@slipway/contract/tasks';
import type { Log } from '@slipway/runtime/log';
import type { Redis } from 'ioredis';
import { runAttempt } from './attempt.ts';
import { openEndings } from './endings.ts';
import { defaultPrefix } from './queues.ts';
import { createTaker, type Taken } from './taker.ts';
import type { Work } from './work.ts';

export interface ConsumeOptions {
  /** Made by connectConsumer. */
  connection: Redis;
  tasks: TaskName[];
  /** Whether one more job of the task can really be computed now, beside those that run. */
  accepts: (task: TaskName, running: ReadonlyMap<TaskName, number>) => boolean;
  run: (work: Work) => Promise<Result>;
  log: Log;
  prefix?: string;
}

export interface Consumer {
  /** Call it when `accepts` may answer otherwise. */
  changed(): void;
  /** Takes no more jobs. */
  pause(): void;
  /** Resolves when no job runs any more and the connections are closed. */
  close(): Promise<void>;
}

/** How soon the queues are looked at again after Redis refused, in milliseconds. */
const refusedPauseMs = 1_000;

/** Takes the tasks' jobs from their queues, as many at once as can be computed, and runs them. */
export function consume({
  connection,
  tasks: names,
  accepts,
  run,
  log,
  prefix = defaultPrefix,
}: ConsumeOptions): Consumer {
  const taker = createTaker({ connection, tasks: names, prefix, log });
  const endings = openEndings(connection, prefix);
  const running = new Map<Promise<void>, TaskName>();
  const paused = new AbortController();
  let change = new AbortController();

  async function loop(): Promise<void> {
    while (!paused.signal.aborted) {
      // renewed before the look: what changes during it is looked at again
      change = new AbortController();
      const counts = new Map<TaskName, number>();
      for (const task of running.values()) counts.set(task, (counts.get(task) ?? 0) + 1);
      const taken = await lookOrPause(names.filter((task) => accepts(task, counts)));
      if (taken) start(taken);
      else await taker.news(AbortSignal.any([change.signal, paused.signal]));
    }
  }

  /** A Redis that refuses (full, loading, a disk that can't be written) must not end the loop: it heals, and so do we. */
  async function lookOrPause(tasks: TaskName[]): Promise<Taken | undefined> {
    try {
      return await taker.look(tasks);
    } catch (err) {
      log.warn({ err, againMs: refusedPauseMs }, 'no job can be taken now');
      await sleep(refusedPauseMs, undefined, { signal: paused.signal }).catch(() => {});
      change.abort(); // look again
      return undefined;
    }
  }

  function start(taken: Taken): void {
    const done: Promise<void> = runAttempt(taken, { connection, prefix, endings, run, log }).finally(() => {
      running.delete(done);
      change.abort();
    });
    running.set(done, taken.task);
  }

  const looping = loop();
  return {
    changed: () => change.abort(),
    pause: () => paused.abort(),
    async close() {
      paused.abort();
      // without Redis a look never ends, and there is nobody to say goodbye to
      const isAway = connection.status !== 'ready';
      if (!isAway) await looping;
      await Promise.all(running.keys());
      endings.close();
      if (!isAway) await taker.close();
    },
  };
}
