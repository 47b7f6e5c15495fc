import type { EngineChoice } from '@slipway/contract/engines';
import { CodedError } from '@slipway/contract/problems';
import type { Result } from '@slipway/contract/records';
import type { TaskDefinition } from '@slipway/contract/task';
import { hasModel, type ModelTaskName, type TaskName, tasks } from '@slipway/contract/tasks';
import { NotYet, type Work } from '@slipway/queue/work';
import { type Chosen, chooseEngine } from './engine-choice.ts';
import type { ModelFiles } from './messages.ts';
import type { ModelKeeper } from './model-keeper.ts';
import type { Pool } from './pool.ts';

/** How soon a job that waits for its model looks again, in milliseconds. */
const lookAgainMs = 1_000;

export interface RunnerOptions {
  pool: Pool;
  /** One a task that has a model and is not turned off. */
  keepers: ReadonlyMap<TaskName, ModelKeeper>;
  /** The operator's choice (`ENGINE`), for tasks that more than one engine can do. */
  configured: EngineChoice;
  /** Aborted when the worker stops; its reason goes to every job that still runs. */
  stop: AbortSignal;
}

interface Plan extends Chosen {
  model: ModelFiles | null;
}

const builtin: Plan = { engine: 'builtin', reason: 'this task needs no model', model: null };

/** Makes the function that runs one attempt: choose the engine, compute in the pool within the time limit. */
export function createRunner({ pool, keepers, configured, stop }: RunnerOptions) {
  /** Throws NotYet where the job has to wait for its model, and CodedError `task_disabled` or `model_unavailable`. */
  function withModel(task: ModelTaskName, options: Work['options']): Plan {
    const keeper = keepers.get(task);
    if (!keeper) throw new CodedError('task_disabled', `This instance does not do ${task}.`);
    const status = keeper.status();
    const chosen = chooseEngine('engine' in options ? options.engine : 'transformers', configured, status);
    if (chosen) return { ...chosen, model: chosen.engine === 'transformers' ? (keeper.files ?? null) : null };
    keeper.need();
    throw new NotYet(lookAgainMs, { ratio: 0, stage: 'waiting-for-model', message: status.reason });
  }

  return async function run(work: Work): Promise<Result> {
    const { id, task, input, options, attempt, report, output, log } = work;
    const { engine, reason, model } = hasModel(task) ? withModel(task, options) : builtin;
    const { batches }: TaskDefinition = tasks[task];
    // one that has brought its process down already does so alone the next time
    const shares = batches === true && attempt === 1;

    const limit = timeLimit(work.timeLimitMs);
    const signal = AbortSignal.any([work.signal, stop, limit.signal]);
    const started = () => {
      limit.start();
      work.started();
      log(`engine ${engine}${model ? `, model ${model.id}` : ''}: ${reason}`);
    };
    try {
      // a process may still hold an earlier attempt that nobody waits for: each has its own id
      const job = { id: `${id}/${attempt}`, task, input, options, engine, shares, model };
      const handled = await pool.run(job, { started, report, output, log }, signal);
      return { ...handled, engine, engineReason: reason };
    } finally {
      limit.clear();
    }
  };
}

/** Begins to count when a process has taken the job, not while it waits for one. */
function timeLimit(ms: number) {
  const abort = new AbortController();
  const error = new CodedError('time_limit', `The job ran longer than ${ms / 1000} s.`);
  let timer: NodeJS.Timeout | undefined;
  return {
    signal: abort.signal,
    start: () => {
      timer = setTimeout(() => abort.abort(error), ms);
    },
    clear: () => clearTimeout(timer),
  };
}
