import { findFault } from './manifest.ts';
import { filesOf, type ModelRef } from './model.ts';
import { WrongContentError } from './unavailable.ts';

/**
 * Checks a downloaded model before it is used: every file of its manifest in its size and SHA-256. Reads everything,
 * about a second for 0.5 to 2 GB: once for each start of a process. Rejects with a WrongContentError that names the first
 * file that was cut, altered or lost, or with the signal's reason. Not for LOCAL_MODEL_PATH: there is no manifest there.
 */
export async function verifyModel(model: ModelRef, dir: string, signal: AbortSignal): Promise<void> {
  const fault = await findFault(dir, filesOf(model).required, signal);
  if (fault === undefined) return;
  throw new WrongContentError(model, fault.file, fault.what, `remove ${dir}, or let it be downloaded again`);
}
