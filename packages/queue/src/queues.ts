import { CodedError } from '@slipway/contract/problems';
import type { Payload, Result } from '@slipway/contract/records';
import { type TaskName, taskNames } from '@slipway/contract/tasks';
import type { Log } from '@slipway/runtime/log';
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { connectProducer } from './connection.ts';

/** BullMQ's default key prefix, kept so that other BullMQ tools find the queues without settings. */
export const defaultPrefix = 'bull';

export interface QueuesOptions {
  url: string;
  log: Log;
  /** How long a finished job can be read, in seconds. */
  jobTtlSeconds: number;
  prefix?: string;
}

export type TaskQueue = Queue<Payload, Result, string>;

/** The producer's side of the house: one BullMQ queue a task, over one connection that fails fast. */
export interface Queues {
  /**
   * Runs an operation on Redis. Throws CodedError `queue_unavailable` at once when Redis is away and within the command
   * time-out when it hangs.
   */
  use<T>(operation: (open: OpenQueues) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface OpenQueues {
  redis: Redis;
  prefix: string;
  /** How long a finished job can be read. */
  jobTtlSeconds: number;
  queue: (task: TaskName) => TaskQueue;
  /** The key of one of a queue's own structures, or of a job's hash. */
  key: (task: TaskName, suffix: string) => string;
}

export function openQueues({ url, log, jobTtlSeconds, prefix = defaultPrefix }: QueuesOptions): Queues {
  const redis = connectProducer(url, log);
  let queues: Map<TaskName, TaskQueue> | undefined;

  // Built only once Redis answers: a Queue made on a connection that is not ready hangs for ever or is of no use.
  redis.once('ready', () => {
    queues = new Map(taskNames.map((task) => [task, newQueue(task)]));
  });

  function newQueue(task: TaskName): TaskQueue {
    const keep = { age: jobTtlSeconds };
    const queue: TaskQueue = new Queue(task, {
      connection: redis,
      prefix,
      // nobody of the house reads BullMQ's own events, and each repeats a result
      streams: { events: { maxLen: 500 } },
      defaultJobOptions: { removeOnComplete: keep, removeOnFail: keep, stackTraceLimit: 0 },
    });
    queue.on('error', () => {}); // the connection's own listener reports it
    return queue;
  }

  return {
    async use(operation) {
      if (queues === undefined || redis.status !== 'ready') throw unavailable();
      const open = queues;
      const queue = (task: TaskName) => open.get(task) as TaskQueue; // the map holds every task
      try {
        return await operation({
          redis,
          prefix,
          jobTtlSeconds,
          queue,
          key: (task, suffix) => `${prefix}:${task}:${suffix}`,
        });
      } catch (cause) {
        throw isOutage(cause) ? unavailable(cause) : cause;
      }
    },
    async close() {
      for (const queue of queues?.values() ?? []) await queue.close();
      redis.disconnect();
    },
  };
}

/** Redis away, hanging, or refusing: out of memory, a full disk, still loading. */
function isOutage(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof CodedError) return false;
  const { code } = error as NodeJS.ErrnoException;
  return (
    error.name === 'ReplyError' ||
    error.name === 'MaxRetriesPerRequestError' ||
    (code !== undefined && /^E[A-Z]+$/.test(code)) ||
    /connection|timed out|stream isn't writeable|EXECABORT/i.test(error.message)
  );
}

function unavailable(cause?: unknown): CodedError {
  return new CodedError('queue_unavailable', 'The job queue cannot be reached. Try again in a moment.', { cause });
}
