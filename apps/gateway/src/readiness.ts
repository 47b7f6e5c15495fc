import type { DataFolder } from '@slipway/contract/data-folder';
import type { EngineStatus } from '@slipway/contract/engines';
import type { Part, Readiness, WorkerStatus } from '@slipway/contract/readiness';
import type { TaskName } from '@slipway/contract/tasks';

/** What the gateway does not know by itself. */
export interface HealthSources {
  /** What the launcher found the data folder to be. */
  data?: (() => DataFolder | undefined) | undefined;
  /** How the archive stands; undefined where there is none. */
  archive?: (() => Promise<Part | undefined>) | undefined;
  /** The services of a fork. */
  services?: (() => Promise<Part[]>) | undefined;
}

/** With the services of a fork, which are told of and do not count, because jobs run without them. */
export async function wholeReadiness(
  workers: WorkerStatus[] | undefined,
  tasks: TaskName[],
  { data, archive, services }: HealthSources,
): Promise<Readiness> {
  const [archived, others = []] = await Promise.all([archive?.(), services?.()]);
  const { parts, ...house } = readiness(workers, tasks, data?.(), archived);
  return { ...house, parts: [...parts, ...others] };
}

/**
 * What the instance can do of the tasks that are turned on, told from its workers; undefined where the queue could not
 * be asked. Ready: at least one task has an engine now. A model on its way does not count, for it may never come.
 */
export function readiness(
  workers: WorkerStatus[] | undefined,
  names: TaskName[],
  data?: DataFolder,
  archive?: Part,
): Readiness {
  const tasks = Object.fromEntries(names.map((task) => [task, engineOf(task, workers ?? [])]));
  const parts = [
    queuePart(workers),
    workersPart(workers),
    ...(data ? [dataPart(data, archive)] : []),
    ...(archive ? [archive] : []),
  ];
  const canRun = Object.values(tasks).some((status) => status.engine !== null);
  return { ready: canRun && parts.every((part) => part.state !== 'down'), parts, tasks };
}

function queuePart(workers: WorkerStatus[] | undefined): Part {
  if (workers) return { name: 'queue', state: 'ok', reason: 'Redis answers.' };
  return {
    name: 'queue',
    state: 'down',
    reason: 'Redis does not answer. Accepted jobs are kept; new ones are refused.',
  };
}

function workersPart(workers: WorkerStatus[] | undefined): Part {
  const name = 'workers';
  if (workers === undefined) return { name, state: 'down', reason: 'Not known while Redis does not answer.' };
  if (workers.length === 0) return { name, state: 'down', reason: 'No worker has reported in the last 15 s.' };
  const alive = workers.reduce((sum, worker) => sum + worker.children.alive, 0);
  const busy = workers.reduce((sum, worker) => sum + worker.children.busy, 0);
  const reason = `${workers.length} worker(s), ${alive} inference process(es), ${busy} busy.`;
  return { name, state: alive > 0 ? 'ok' : 'degraded', reason };
}

/** Its folders are not for callers. */
function dataPart({ kind, reason, snapshot }: DataFolder, archive: Part | undefined): Part {
  const of = `The data folder ${reason}.`;
  const part = { name: 'data', kind };
  if (kind === 'ephemeral' && archive?.state === 'ok')
    return {
      name: 'data',
      kind: 'dataset',
      state: 'ok',
      reason: `${of} What it holds goes with the machine; jobs come back from the archive.`,
    };
  if (kind === 'ephemeral') return { ...part, state: 'degraded', reason: `${of} What it holds goes with the machine.` };
  if (kind === 'disk') return { ...part, state: 'ok', reason: of };
  const fault = snapshot?.fault;
  if (fault)
    return { ...part, state: 'degraded', reason: `${of} Redis' last snapshot was not copied there: ${fault}.` };
  return { ...part, state: 'ok', reason: `${of} Redis' last snapshot there: ${snapshot?.at ?? 'none yet'}.` };
}

/** With several workers the best of them speaks: one whose model is ready, else any that can run the task. */
function engineOf(task: string, workers: WorkerStatus[]): EngineStatus {
  const known = workers.map((worker) => worker.tasks[task]).filter((status) => status !== undefined);
  const best =
    known.find((status) => status.engine === 'transformers') ?? known.find((status) => status.engine !== null);
  return best ?? known[0] ?? { engine: null, reason: 'No worker takes this task.', model: null };
}
