import type { EngineChoice, EngineName, EngineStatus, ModelStatus } from '@slipway/contract/engines';
import { CodedError } from '@slipway/contract/problems';

export interface Chosen {
  engine: EngineName;
  reason: string;
}

const reasons = { extractive: 'asked for by the job', transformers: 'only a model may do it' };

/**
 * Which engine runs a job, and why. A job's own choice goes before the operator's (`ENGINE`); `transformers` is wanted too
 * for every job of a task that knows no other engine, so the reason does not say by whom. Returns undefined where the job
 * has to wait for its model. Throws CodedError `model_unavailable`.
 */
export function chooseEngine(wanted: EngineChoice, configured: EngineChoice, model: ModelStatus): Chosen | undefined {
  const choice = wanted === 'auto' ? configured : wanted;
  const by = wanted === 'auto' ? `ENGINE=${configured}` : reasons[wanted];
  if (choice === 'extractive') return { engine: 'extractive', reason: by };
  if (model.state === 'ready') return { engine: 'transformers', reason: `${by}; the model is ready` };
  if (choice === 'auto') return { engine: 'extractive', reason: `${by}; the model is not ready: ${model.reason}` };
  if (model.state === 'unavailable' || model.state === 'disabled')
    throw new CodedError('model_unavailable', `The model ${model.id} cannot be had: ${model.reason}`);
  return undefined;
}

/**
 * Which engine the task's jobs get now where they do not choose, for `/readyz` and the log. `configured` is `transformers`
 * for a task that knows no other engine, whatever ENGINE says.
 */
export function engineStatus(configured: EngineChoice, model: ModelStatus): EngineStatus {
  try {
    const wanted = configured === 'transformers' ? configured : 'auto';
    const chosen = chooseEngine(wanted, configured, model);
    if (chosen) return { ...chosen, model };
    return { engine: null, reason: `${reasons.transformers}; the model is not ready yet: ${model.reason}`, model };
  } catch (error) {
    return { engine: null, reason: (error as Error).message, model };
  }
}
