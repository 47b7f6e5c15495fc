import { type ModelRef, variableOf } from './model.ts';

/**
 * A model can't be had. The message is for the operator: what happened, and which variable to change. It may hold
 * folders and hosts of this installation, never a token. Which model it is stands on the error beside the message,
 * because the message is shown beside the model's name.
 */
export class ModelUnavailableError extends Error {
  override name = 'ModelUnavailableError';

  readonly model: ModelRef;
  /** What happened, without the advice. */
  readonly what: string;

  constructor(model: ModelRef, what: string, advice: string, options?: ErrorOptions) {
    super(`${what}; ${advice}`, options);
    this.model = model;
    this.what = what;
  }
}

/** The network failed, or gave up in the middle: another try may do. */
export class HubUnreachableError extends ModelUnavailableError {
  override name = 'HubUnreachableError';
}

/** A file is not what it must be: another size or another hash. */
export class WrongContentError extends ModelUnavailableError {
  override name = 'WrongContentError';

  /** Its path in the model's folder. */
  readonly file: string;
  /** What it has or is instead; to be read after the file's name. */
  readonly fault: string;

  constructor(model: ModelRef, file: string, fault: string, advice: string) {
    super(model, `${file} ${fault}`, advice);
    this.file = file;
    this.fault = fault;
  }
}

/** Nothing is asked over the network, and what is needed is not here. */
export function offline(model: ModelRef, what = 'it is not in the cache'): ModelUnavailableError {
  return new ModelUnavailableError(
    model,
    `${what}, and this instance is offline`,
    'put the model into LOCAL_MODEL_PATH or into the cache at HF_HOME, or unset HF_HUB_OFFLINE',
  );
}

/** What to change when the hub answered, but not with the file. */
export function adviceFor(model: ModelRef, status: number): string {
  const variable = variableOf(model);
  if (status === 401 || status === 403) {
    return `set HF_TOKEN to a token that may read this model, or check ${variable}`;
  }
  if (status === 404) return `check ${variable}, ${variable}_REVISION and ${variable}_DTYPE`;
  if (status === 429) return 'try again later, or set HF_TOKEN: the hub limits anonymous downloads';
  return 'try again later, or set LOCAL_MODEL_PATH or HF_ENDPOINT';
}
