import type { WorkerStatus } from '@slipway/contract/readiness';
import { type TaskName, taskNames } from '@slipway/contract/tasks';
import type { Redis } from 'ioredis';
import { parseTerms, termsField } from '../inspect.ts';
import type { OpenQueues, Queues } from '../queues.ts';
import { type Pace, paceKey, parsePace } from './pace.ts';
import { plannedOneByOne } from './plan.ts';

/** A job that waits or runs. */
export interface Seen {
  id: string;
  inputLength: number | undefined;
}

export interface TaskSeen {
  pace: Pace;
  /** The first that wait, next one first. */
  waiting: Seen[];
  /** How many wait. */
  count: number;
  running: (Seen & { startedAtMs: number })[];
}

/** The queues of all tasks at one time, as far as estimates need them. */
export interface Snapshot {
  /** Milliseconds since 1970. */
  atMs: number;
  tasks: ReadonlyMap<TaskName, TaskSeen>;
  workers: WorkerStatus[];
}

interface Raw {
  task: TaskName;
  active: string[];
  line: string[];
  count: number;
  pace: Pace;
}

const readsPerTask = 6;

/**
 * Two round trips, and beside them those of the list of workers. Of jobs that were seen before, only what may have
 * changed is read. No transaction: a full Redis would refuse it. Throws CodedError `queue_unavailable`.
 */
export async function readSnapshot(
  queues: Queues,
  listWorkers: () => Promise<WorkerStatus[]>,
  before?: Snapshot,
): Promise<Snapshot> {
  const [workers, { atMs, tasks }] = await Promise.all([listWorkers(), queues.use((open) => readTasks(open, before))]);
  return { atMs, tasks, workers };
}

async function readTasks(open: OpenQueues, before: Snapshot | undefined): Promise<Omit<Snapshot, 'workers'>> {
  const atMs = Date.now();
  const raw = await readLines(open);
  const lengths = lengthsOf(before);
  const wanted = raw.flatMap(({ task, active, line }) => [
    ...active.map((id) => ({ task, id })),
    ...line.filter((id) => !lengths.has(id)).map((id) => ({ task, id })),
  ]);
  const pipeline = open.redis.pipeline();
  for (const { task, id } of wanted) pipeline.hmget(open.key(task, id), 'processedOn', termsField);
  const replies = wanted.length > 0 ? await exec(pipeline) : [];
  const startedAt = new Map<string, number>();
  for (const [i, { id }] of wanted.entries()) {
    const [processedOn, terms] = (replies[i] ?? []) as (string | null)[];
    startedAt.set(id, Number(processedOn ?? atMs));
    lengths.set(id, inputLengthOf(terms));
  }
  const seen = (id: string): Seen => ({ id, inputLength: lengths.get(id) });
  const tasks = new Map(
    raw.map(({ task, active, line, count, pace }) => [
      task,
      {
        pace,
        waiting: line.map(seen),
        count,
        running: active.map((id) => ({ ...seen(id), startedAtMs: startedAt.get(id) ?? atMs })),
      },
    ]),
  );
  return { atMs, tasks };
}

async function readLines({ redis, prefix, key }: OpenQueues): Promise<Raw[]> {
  const pipeline = redis.pipeline();
  for (const task of taskNames)
    pipeline
      .lrange(key(task, 'active'), 0, -1)
      // jobs given back after a stall: BullMQ empties this list first, from its tail
      .lrange(key(task, 'wait'), -plannedOneByOne, -1)
      .llen(key(task, 'wait'))
      .zrange(key(task, 'prioritized'), 0, `${plannedOneByOne - 1}`)
      .zcard(key(task, 'prioritized'))
      .hgetall(paceKey(prefix, task));
  const replies = await exec(pipeline);
  return taskNames.map((task, i) => {
    const own = replies.slice(i * readsPerTask, (i + 1) * readsPerTask);
    const [active = [], wait = [], waits = 0, prioritized = [], lined = 0, pace = {}] = own as [
      string[]?,
      string[]?,
      number?,
      string[]?,
      number?,
      Record<string, string>?,
    ];
    const line = [...wait.toReversed(), ...prioritized].slice(0, plannedOneByOne);
    // one that was taken between two of these commands is in both
    const waiting = line.filter((id) => !active.includes(id));
    return {
      task,
      active,
      line: waiting,
      count: waits + lined - (line.length - waiting.length),
      pace: parsePace(pace),
    };
  });
}

/** The replies, undefined for what Redis refused. */
async function exec(pipeline: ReturnType<Redis['pipeline']>): Promise<unknown[]> {
  const replies = (await pipeline.exec()) ?? [];
  return replies.map(([, reply]) => reply);
}

function lengthsOf(snapshot: Snapshot | undefined): Map<string, number | undefined> {
  const seen = [...(snapshot?.tasks.values() ?? [])].flatMap(({ waiting, running }) => [...waiting, ...running]);
  return new Map(seen.map(({ id, inputLength }) => [id, inputLength]));
}

function inputLengthOf(terms: string | null | undefined): number | undefined {
  try {
    return parseTerms(terms).inputLength;
  } catch {
    return undefined; // not JSON: nothing that we wrote
  }
}
