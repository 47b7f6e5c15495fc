import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Payload, Result } from '@slipway/contract/records';
import { type TaskName, tasks } from '@slipway/contract/tasks';
import type { Log } from '@slipway/runtime/log';
import { type Job, Worker } from 'bullmq';
import type { Redis } from 'ioredis';

/**
 * How long a dead worker's job stays its own, and how often that is looked at. BullMQ's defaults make a job of a killed
 * worker wait 60 s; these, 10 to 15 s. Safe because nothing blocks this process: models run in its children.
 */
export const lockDurationMs = 10_000;
const stalledIntervalMs = 5_000;

/** Longest wait for the sign of a new job, in seconds; then the queues are looked at anyway. */
const waitSeconds = 5;

/** A job that this process holds the lock of. */
export interface Taken {
  task: TaskName;
  job: Job<Payload, Result>;
  token: string;
}

/**
 * Takes jobs from the queues of several tasks, one at a time and only of tasks that are asked for, so that a process with
 * few places serves many queues and a job is never taken before it can run. BullMQ's own loop has one pool a queue.
 */
export interface Taker {
  /** The next job of these tasks, their queues in turn, if there is one now. */
  look(tasks: TaskName[]): Promise<Taken | undefined>;
  /** Resolves when a look may be worth while: a job came or is due, some seconds have passed, or the signal is aborted. */
  news(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

export interface TakerOptions {
  /** Made by connectConsumer. */
  connection: Redis;
  tasks: TaskName[];
  prefix: string;
  log: Log;
}

export function createTaker({ connection, tasks: names, prefix, log }: TakerOptions): Taker {
  const blocking = connection.duplicate();
  blocking.on('error', () => {}); // the connection's own listener reports outages
  const workers = new Map(names.map((task) => [task, openWorker(task, connection, prefix, log)]));
  const markers = names.map((task) => `${prefix}:${task}:marker`);
  let lastTask: TaskName | undefined;
  let waiting: Promise<void> | undefined;
  /** A wait ended while nobody listened: its marker may be of a queue that the look of then had passed already. */
  let missed = false;

  /** The tasks, beginning after the one that gave the last job. */
  function inTurn(tasks: TaskName[]): TaskName[] {
    const after = lastTask === undefined ? 0 : names.indexOf(lastTask) + 1;
    return [...names.slice(after), ...names.slice(0, after)].filter((task) => tasks.includes(task));
  }

  /**
   * BullMQ puts a marker into a queue's set when there may be a job: with score 0 now, else with the time at which a
   * delayed one is due. One blocking command waits for the markers of all queues. A marker is taken with it, so every
   * change of what is asked for must be followed by a look.
   */
  async function waitForMarker(): Promise<void> {
    const popping = blocking.bzpopmin(...markers, waitSeconds);
    popping.catch(() => {});
    // After a lost connection ioredis may wait for an answer that never comes: no wait is trusted to end by itself.
    const over = new AbortController();
    const watchdog = sleep((waitSeconds + 1) * 1_000, 'overdue' as const, over).catch(() => undefined);
    const popped = await Promise.race([popping, watchdog]).finally(() => over.abort());
    if (popped === 'overdue') blocking.disconnect(true);
    if (!Array.isArray(popped)) return;
    const dueInMs = Number(popped[2]) - Date.now();
    // looked at again in any case after waitSeconds, so a far marker need not be put back
    if (dueInMs > 0) await untilDueOrMarker(Math.min(dueInMs, waitSeconds * 1_000));
  }

  /** The job of one queue is due later; that of another may come meanwhile. */
  async function untilDueOrMarker(ms: number): Promise<void> {
    const popping = blocking.bzpopmin(...markers, ms / 1_000);
    popping.catch(() => {});
    await Promise.race([popping, sleep(ms + 1_000, undefined, { ref: false })]);
  }

  return {
    async look(tasks) {
      const token = randomUUID();
      for (const task of inTurn(tasks)) {
        const job = await workers.get(task)?.getNextJob(token, { block: false });
        if (!job) continue;
        lastTask = task;
        return { task, job, token };
      }
      return undefined;
    },
    async news(signal) {
      // a wait that was left early goes on: a blocking command can't be taken back
      waiting ??= waitForMarker()
        .catch(() => {})
        .finally(() => {
          waiting = undefined;
          missed = true;
        });
      const stop = Promise.withResolvers<void>();
      const onAbort = () => stop.resolve();
      if (signal.aborted) return;
      signal.addEventListener('abort', onAbort, { once: true });
      if (!missed) await Promise.race([waiting, stop.promise]);
      missed = false;
      signal.removeEventListener('abort', onAbort);
    },
    async close() {
      blocking.disconnect();
      await Promise.all([...workers.values()].map((worker) => worker.close()));
    },
  };
}

/** A BullMQ worker without a loop of its own: it gives jobs on demand and returns those of dead workers to the queue. */
function openWorker(task: TaskName, connection: Redis, prefix: string, log: Log): Worker<Payload, Result> {
  const worker: Worker<Payload, Result> = new Worker(task, null, {
    connection,
    prefix,
    lockDuration: lockDurationMs,
    stalledInterval: stalledIntervalMs,
    maxStalledCount: tasks[task].attempts - 1,
  });
  worker.on('error', (err) => log.debug({ err }, 'queue worker')); // the connection's own listener reports outages
  worker.on('stalled', (id) => log.warn({ job: id }, 'job lost its worker; it will run again'));
  void worker.startStalledCheckTimer();
  return worker;
}
