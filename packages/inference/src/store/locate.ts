import { stat } from 'node:fs/promises';
import path from 'node:path';
import { filesOf, type ModelRef, variableOf } from './model.ts';
import { ModelUnavailableError } from './unavailable.ts';

/**
 * Finds a model in the operator's folder, which has models at `<org>/<name>`. Undefined: it is not there. Throws a ModelUnavailableError where the folder
 * has the model but not all of its files, because to go on silently would run another model than the one that was put
 * there.
 */
export async function locateLocal(model: ModelRef, localModelPath: string | undefined): Promise<string | undefined> {
  if (localModelPath === undefined) return undefined;
  const dir = path.join(localModelPath, model.id);
  if (!(await isFolder(model, dir))) return undefined;
  for (const file of filesOf(model).required) {
    const found = await stat(path.join(dir, file)).catch(() => undefined);
    if (found?.isFile()) continue;
    const advice = `put it there, or change ${variableOf(model)}_DTYPE or LOCAL_MODEL_PATH`;
    throw new ModelUnavailableError(model, `${dir} has no ${file}`, advice);
  }
  return dir;
}

/** Only what is not there counts as no; a folder that may not be read would else be passed over in silence. */
async function isFolder(model: ModelRef, dir: string): Promise<boolean> {
  try {
    return (await stat(dir)).isDirectory();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return false;
    throw new ModelUnavailableError(model, `${dir} can't be read (${code})`, 'let the user of this service read it', {
      cause: error,
    });
  }
}
