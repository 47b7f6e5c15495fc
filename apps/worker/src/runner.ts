import type { EngineChoice, ModelStatus } from '@slipway/contract/engines';
import { CodedError } from '@slipway/contract/problems';
import type { Result } from '@slipway/contract/records';
import { tasks } from '@slipway/contract/tasks';
import { NotYet, type Work } from '@slipway/queue/consume';
import { chooseEngine } from './engine-choice.ts';
import type { Pool } from './pool.ts';

/** How soon a job that waits for its model looks again, in milliseconds. */
const lookAgainMs = 1_000;

export interface RunnerOptions {
  pool: Pool;
  modelStatus: () => ModelStatus;
  configured: EngineChoice;
  /** Aborted when the worker stops; its reason goes to every job that still runs. */
  stop: AbortSignal;
}

/** Makes the function that runs one attempt: choose the engine, compute in the pool within the time limit. */
export function createRunner({ pool, modelStatus, configured, stop }: RunnerOptions) {
  return async function run(work: Work): Promise<Result> {
    const model = modelStatus();
    const chosen = chooseEngine(work.options.engine, configured, model);
    if (!chosen) throw new NotYet(lookAgainMs, { ratio: 0, stage: 'waiting-for-model', message: model.reason });

    const limit = timeLimit(tasks[work.task].timeoutMs);
    const signal = AbortSignal.any([work.signal, stop, limit.signal]);
    const { id, task, input, options } = work;
    try {
      const handled = await pool.run({ id, task, input, options, engine: chosen.engine }, work.report, signal);
      return { ...handled, engine: chosen.engine, engineReason: chosen.reason };
    } finally {
      limit.clear();
    }
  };
}

function timeLimit(ms: number) {
  const abort = new AbortController();
  const error = new CodedError('time_limit', `The job ran longer than ${ms / 1000} s.`);
  const timer = setTimeout(() => abort.abort(error), ms);
  return { signal: abort.signal, clear: () => clearTimeout(timer) };
}
