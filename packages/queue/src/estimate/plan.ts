/** Jobs of one task that wait, the next one first. Times are in milliseconds. */
export interface Line {
  /** How long each of the first ones is likely to run. */
  runsMs: readonly number[];
  /** All that wait, those of `runsMs` among them. */
  count: number;
  /** How long one of the others is likely to run. */
  meanMs: number;
  /** How many of them a process computes at once: 1 where the task does not batch. */
  together: number;
}

export interface House<Task extends string = string> {
  /** In the order of their turns. */
  lines: ReadonlyMap<Task, Line>;
  /** What takes the jobs: how many processes each has, and of which tasks it takes jobs. */
  workers: readonly { slots: number; tasks: ReadonlySet<string> }[];
  /** The jobs that run, and what is left of each. */
  running: readonly { task: Task; restMs: number }[];
  /** The task of the job that was taken last. */
  lastTask?: Task | undefined;
}

/** In how many milliseconds a job starts that has this many of its own task ahead of it; undefined: nobody does the task. */
export type Plan<Task extends string = string> = (task: Task, ahead: number) => number | undefined;

/** How many jobs a task are planned one by one. */
export const plannedOneByOne = 200;

interface Slot {
  freeMs: number;
  worker: House['workers'][number];
}

/**
 * When each waiting job is likely to start.
 *
 * The next jobs of each task are planned one by one, as a worker takes them (taker.ts): whenever a process is free, it
 * gets the first job of the next task in turn that has one, or as many as it computes together where the task batches. So
 * a job starts when (the rests of what runs + the work ahead of it in its own task + what the other tasks put between, one
 * each in turn) has been shared out over the processes, each job whole and each process at its own time.
 * This is list scheduling: R. L. Graham, "Bounds on multiprocessing timing anomalies", 1969.
 *
 * Behind those, single jobs no longer matter, and the same is counted as a flow. With n jobs of its own task ahead, and
 * w(t) waiting, m(t) the mean run time and b(t) the jobs at once of each task t:
 *
 *     start(n) = start(k) + (F(n) − F(k)) / processes,  F(n) = n·m(own)/b(own) + Σ over others t of min(n, w(t))·m(t)/b(t)
 *
 * with k the last job that was planned by itself. Jobs that are yet to come, wait for another attempt or fail are not
 * foreseen.
 */
export function planOf<Task extends string>({ lines, workers, running, lastTask }: House<Task>): Plan<Task> {
  const starts = planFirst({ lines, workers, running, lastTask });

  function flow(task: Task, jobs: number, slots: number): number {
    let work = 0;
    for (const [name, { count, meanMs, together }] of lines)
      work += ((name === task ? jobs : Math.min(jobs, count)) * meanMs) / together;
    return work / slots;
  }

  return (task, ahead) => {
    const planned = starts.get(task) ?? [];
    const last = planned.length - 1;
    if (ahead <= last) return planned[ahead];
    const slots = slotsOf(workers, task);
    if (slots === 0 || last < 0) return undefined;
    return (planned[last] ?? 0) + flow(task, ahead, slots) - flow(task, last, slots);
  };
}

const slotsOf = (workers: House['workers'], task: string) =>
  workers.reduce((sum, worker) => sum + (worker.tasks.has(task) ? worker.slots : 0), 0);

/** The starts of the first jobs of each task, and of one more behind them. */
function planFirst<Task extends string>({ lines, workers, running, lastTask }: House<Task>): Map<Task, number[]> {
  const names = [...lines.keys()];
  const runs = new Map(names.map((task) => [task, firstOf(lines.get(task) as Line)]));
  const starts = new Map(names.map((task) => [task, [] as number[]]));
  const slots = slotsNow(workers, batchesOf(running, lines));
  const turns = new Map(workers.map((worker) => [worker, lastTask === undefined ? 0 : names.indexOf(lastTask) + 1]));

  /**
   * Gives a free process its next job and returns how long that runs; undefined: there is none. Where the turn comes to a
   * task that has no job left, the one behind the last would start.
   */
  function takeNext({ freeMs, worker }: Slot): number | undefined {
    const turn = turns.get(worker) ?? 0;
    for (let i = 0; i < names.length; i++) {
      const at = (turn + i) % names.length;
      const task = names[at] as Task;
      const runsMs = runs.get(task) as number[];
      const own = starts.get(task) as number[];
      if (!worker.tasks.has(task)) continue;
      if (own.length < runsMs.length) {
        const batch = runsMs.slice(own.length, own.length + (lines.get(task)?.together ?? 1));
        for (const _ of batch) own.push(freeMs);
        turns.set(worker, at + 1);
        return Math.max(...batch);
      }
      if (own.length === runsMs.length) own.push(freeMs);
    }
    return undefined;
  }

  while (slots.length > 0) {
    const next = slots.reduce((a, b) => (b.freeMs < a.freeMs ? b : a));
    const runMs = takeNext(next);
    if (runMs === undefined) slots.splice(slots.indexOf(next), 1);
    else next.freeMs += runMs;
  }
  return starts;
}

/** The run times of the jobs that are planned one by one. */
function firstOf({ runsMs, count, meanMs }: Line): number[] {
  const length = Math.min(Math.max(count, runsMs.length), plannedOneByOne);
  return Array.from({ length }, (_, i) => runsMs[i] ?? meanMs);
}

/** Running jobs that share a process are one. */
function batchesOf<Task extends string>(
  running: House<Task>['running'],
  lines: House<Task>['lines'],
): House<Task>['running'] {
  const batches: { task: Task; restMs: number; jobs: number }[] = [];
  for (const { task, restMs } of running) {
    const open = batches.find((batch) => batch.task === task && batch.jobs < (lines.get(task)?.together ?? 1));
    if (!open) batches.push({ task, restMs, jobs: 1 });
    else {
      open.jobs++;
      open.restMs = Math.max(open.restMs, restMs);
    }
  }
  return batches;
}

/** A job does not say which worker runs it: it is given to the first that may. */
function slotsNow(workers: House['workers'], running: House['running']): Slot[] {
  const slots = workers.flatMap((worker) => Array.from({ length: worker.slots }, () => ({ freeMs: -1, worker })));
  for (const { task, restMs } of running) {
    const slot = slots.find(({ freeMs, worker }) => freeMs < 0 && worker.tasks.has(task));
    if (slot) slot.freeMs = restMs;
  }
  return slots.map(({ freeMs, worker }) => ({ freeMs: Math.max(0, freeMs), worker }));
}
