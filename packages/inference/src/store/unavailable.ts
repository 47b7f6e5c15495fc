import type { ModelRef } from './model.ts';

/**
 * A model can't be had. The message is for the operator: what happened, and which variable to change. It may hold
 * folders and hosts of this installation, never a token. Which model it is stands on the error beside the message,
 * because the message is shown beside the model's name.
 */
export class ModelUnavailableError extends Error {
  override name = 'ModelUnavailableError';

  readonly model: ModelRef;

  constructor(model: ModelRef, what: string, advice: string, options?: ErrorOptions) {
    super(`${what}; ${advice}`, options);
    this.model = model;
  }
}

/** What to change when the hub answered, but not with the file. */
export function adviceFor(status: number): string {
  if (status === 401 || status === 403) {
    return 'set HF_TOKEN to a token that may read this model, or check SUMMARIZE_MODEL';
  }
  if (status === 404) return 'check SUMMARIZE_MODEL, SUMMARIZE_MODEL_REVISION and SUMMARIZE_MODEL_DTYPE';
  if (status === 429) return 'try again later, or set HF_TOKEN: the hub limits anonymous downloads';
  return 'try again later, or set LOCAL_MODEL_PATH or HF_ENDPOINT';
}
