import { downloadModel } from './download.ts';
import { describeFile, type Hub } from './hub.ts';
import { checkModel, filesOf, type ModelRef } from './model.ts';
import { type Patience, usualPatience } from './patience.ts';

export interface BakeOptions<M extends ModelRef> {
  model: M;
  /** Filled in the cache's layout. */
  dir: string;
  /** The hub's address, without a slash at its end. */
  endpoint: string;
  token: string | undefined;
  signal: AbortSignal;
  patience?: Patience;
}

/**
 * Puts a model into a folder for an image, under the commit that its revision stands for now, so that the image keeps
 * what it was built with. Resolves to the model with that commit; a mirror that names none leaves the revision as it is.
 * Rejects with a ModelUnavailableError.
 */
export async function bakeModel<M extends ModelRef>({ model, dir, ...options }: BakeOptions<M>): Promise<M> {
  checkModel(model);
  const { endpoint, token, signal, patience = usualPatience } = options;
  const hub: Hub = { endpoint, token, patience, onPause() {} };
  const [first = 'config.json'] = filesOf(model).required;
  const remote = await describeFile(hub, model, first, model.revision, signal);
  const pinned = { ...model, revision: remote?.commit ?? model.revision };
  await downloadModel({ ...options, model: pinned, cacheDir: dir, patience, onProgress() {} });
  return pinned;
}
