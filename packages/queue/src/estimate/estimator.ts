import type { WorkerStatus } from '@slipway/contract/readiness';
import type { TaskDefinition } from '@slipway/contract/task';
import { type TaskName, tasks } from '@slipway/contract/tasks';
import type { Queues } from '../queues.ts';
import { listWorkers } from '../workers.ts';
import { type Line, type Plan, planOf } from './plan.ts';
import { restOf, runTime } from './run-time.ts';
import { readSnapshot, type Seen, type Snapshot, type TaskSeen } from './snapshot.ts';

export interface Asked {
  task: TaskName;
  /** Its place is then that of the last look at the queue, with what was taken since already counted. */
  id?: string | undefined;
  /** As `terms.inputLength`; undefined where it is not known. */
  inputLength?: number | undefined;
  /** The model that will run it, null for none; undefined: what the workers run now. */
  model?: string | null | undefined;
  state: 'queued' | 'running';
  /** Jobs of its task that go before it, 0 for the next one; of no matter when it runs. */
  ahead: number;
  /** When it was taken, in milliseconds since 1970, for one that runs. */
  startedAtMs?: number | undefined;
  nowMs: number;
}

/** Milliseconds since 1970. */
export interface Times {
  startsAtMs: number;
  endsAtMs: number;
}

/** Tells when jobs are likely to start and end, from run times that were measured and from what waits and runs. */
export interface Estimator {
  /**
   * Reads nothing: it answers from the last look at the queue, and has the next one taken where that is old. What is
   * foreseen is never in the past; a running job's start is when it was. Undefined where nothing was measured for the
   * task, where no worker does it, and before the first look.
   */
  estimate(asked: Asked): Times | undefined;
  /** Whole seconds, 1 to 120, after which about one more job will have ended: when to come back to a full queue. */
  secondsUntilRoom(): number;
  /**
   * Resolves when the last look is not old: at once while estimates are asked for, after a look when there was a pause.
   * Where Redis is away, it resolves as well.
   */
  ready(): Promise<void>;
  close(): void;
}

export interface EstimatorOptions {
  /** How old a look at the queue may be before the next is taken in the background: 500 ms. */
  refreshEveryMs?: number;
  /** How many jobs of a task that batches a process computes at once, at most: 16, as the worker's pool does. */
  mostTogether?: number;
  /** The workers that are alive: `listWorkers`. */
  workers?: () => Promise<WorkerStatus[]>;
}

/** A look older than this many refreshes is not answered from, if one waits for `ready`. */
const oldAfterRefreshes = 2;
/** What is said of a full queue of which nothing was measured, in seconds. */
const unknownRoomSeconds = 5;
const longestRoomSeconds = 120;

/** What is worked out once a look, and serves all estimates until the next. */
interface View {
  atMs: number;
  plan: Plan<TaskName>;
  places: ReadonlyMap<string, number>;
  runMs: (task: TaskName, inputLength: number | undefined, model?: string | null) => number | undefined;
  nextEndMs: number | undefined;
}

export function openEstimator(
  queues: Queues,
  { refreshEveryMs = 500, mostTogether = 16, workers = () => listWorkers(queues) }: EstimatorOptions = {},
): Estimator {
  let snapshot: Snapshot | undefined;
  let view: View | undefined;
  let triedAtMs = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | undefined;
  let closed = false;

  function look(): Promise<void> {
    looking ??= readSnapshot(queues, workers, snapshot)
      .then(
        (read) => {
          snapshot = read;
          view = viewOf(read, mostTogether);
        },
        () => {}, // Redis is away: the old look has to do
      )
      .finally(() => {
        looking = undefined;
        triedAtMs = performance.now();
      });
    return looking;
  }

  /** Also after a look that failed, so that a Redis that is away is not asked for each estimate. */
  const isOlder = (ms: number) => performance.now() - triedAtMs >= ms;

  function current(): View | undefined {
    if (!closed && isOlder(refreshEveryMs)) void look();
    return view;
  }

  return {
    estimate(asked) {
      const now = current();
      return now && timesOf(now, asked);
    },
    secondsUntilRoom() {
      const { nextEndMs } = current() ?? {};
      if (nextEndMs === undefined) return unknownRoomSeconds;
      return Math.min(longestRoomSeconds, Math.max(1, Math.ceil(nextEndMs / 1_000)));
    },
    async ready() {
      if (!closed && isOlder(refreshEveryMs * oldAfterRefreshes)) await look();
    },
    close() {
      closed = true;
    },
  };
}

function timesOf({ atMs, plan, places, runMs }: View, asked: Asked): Times | undefined {
  const { task, id, inputLength, model, state, ahead, startedAtMs, nowMs } = asked;
  const run = runMs(task, inputLength, model);
  if (run === undefined) return undefined;
  if (state === 'running') {
    const started = startedAtMs ?? nowMs;
    return { startsAtMs: started, endsAtMs: Math.max(started, nowMs) + restOf(run, nowMs - started) };
  }
  const place = id === undefined ? undefined : places.get(id);
  const startsInMs = plan(task, place ?? ahead);
  if (startsInMs === undefined) return undefined;
  const startsAtMs = Math.max(nowMs, atMs + startsInMs);
  return { startsAtMs, endsAtMs: startsAtMs + run };
}

function viewOf({ atMs, tasks: seen, workers }: Snapshot, mostTogether: number): View {
  const inUse = new Map([...seen.keys()].map((task) => [task, modelInUse(workers, task)]));

  /** By the model's own runs, else by those of the one that ran last. */
  function runMs(task: TaskName, inputLength: number | undefined, model = inUse.get(task)): number | undefined {
    const pace = seen.get(task)?.pace;
    const measured = (model === undefined ? undefined : pace?.get(model)) ?? pace?.values().next().value;
    return measured && runTime(measured, inputLength);
  }

  // a job of a task that was never measured holds up the others nonetheless: it is taken for one of theirs
  const means = [...seen.keys()].map((task) => runMs(task, undefined)).filter((ms) => ms !== undefined);
  const anyMs = means.reduce((sum, ms) => sum + ms, 0) / Math.max(1, means.length);
  const expect = (task: TaskName) => (job: Seen) => runMs(task, job.inputLength) ?? anyMs;

  const lines = new Map([...seen].map(([task, of]) => [task, lineOf(task, of, expect(task), mostTogether)]));
  const running = [...seen].flatMap(([task, of]) =>
    of.running.map((job) => ({
      task,
      startedAtMs: job.startedAtMs,
      restMs: restOf(expect(task)(job), atMs - job.startedAtMs),
    })),
  );
  const lastTask = running.toSorted((a, b) => b.startedAtMs - a.startedAtMs)[0]?.task;
  const houses = workers.map(({ children, tasks: able }) => ({
    slots: children.alive,
    tasks: new Set(Object.keys(able)),
  }));
  return {
    atMs,
    plan: planOf({ lines, workers: houses, running, lastTask }),
    places: new Map([...seen.values()].flatMap(({ waiting }) => waiting.map(({ id }, place) => [id, place] as const))),
    runMs,
    nextEndMs: running.length > 0 ? Math.min(...running.map(({ restMs }) => restMs)) : undefined,
  };
}

function lineOf(task: TaskName, { waiting, count }: TaskSeen, expect: (job: Seen) => number, together: number): Line {
  const { batches }: TaskDefinition = tasks[task];
  const runsMs = waiting.map(expect);
  const meanMs =
    runsMs.length > 0
      ? runsMs.reduce((sum, ms) => sum + ms, 0) / runsMs.length
      : expect({ id: '', inputLength: undefined });
  return { runsMs, count, meanMs, together: batches ? together : 1 };
}

/** What the workers run the task's jobs with; undefined where none says so. */
function modelInUse(workers: Snapshot['workers'], task: TaskName): string | null | undefined {
  const status = workers.map(({ tasks: able }) => able[task]).find((found) => found?.engine);
  if (!status) return undefined;
  return status.engine === 'transformers' ? (status.model?.id ?? null) : null;
}
