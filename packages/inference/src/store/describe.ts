import { describeFile, type Hub, type RemoteFile } from './hub.ts';
import { filesOf, type ModelRef } from './model.ts';
import { adviceFor, ModelUnavailableError } from './unavailable.ts';

/** As many as transformers.js loads at most; a hub that has every file one asks for would else never end. */
const mostChunks = 100;

/**
 * Asks for every file of a model. All are taken from the commit that the first was found in, should the branch move
 * meanwhile. Throws a ModelUnavailableError that names the first required file that the hub does not have.
 */
export async function describeFiles(hub: Hub, model: ModelRef, signal: AbortSignal): Promise<RemoteFile[]> {
  const { required, optional, external } = filesOf(model);
  const found: RemoteFile[] = [];
  const has = async (file: string) => {
    const remote = await describeFile(hub, model, file, found[0]?.commit ?? model.revision, signal);
    if (remote !== undefined) found.push(remote);
    return remote !== undefined;
  };
  for (const file of required) {
    if (await has(file)) continue;
    const what = `the hub has no ${file} of ${model.id} at ${model.revision}`;
    throw new ModelUnavailableError(model, what, adviceFor(model, 404));
  }
  for (const file of optional) await has(file);
  for (const first of external) {
    let chunks = 0;
    while (chunks < mostChunks && (await has(chunks === 0 ? first : `${first}_${chunks}`))) chunks += 1;
  }
  return found;
}
