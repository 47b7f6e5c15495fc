import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';
import { type Config, ConfigError } from '@slipway/config/load';
import type { DataFolder } from '@slipway/contract/data-folder';
import { makeFolder } from './folders.ts';

/**
 * Throws a ConfigError where LOCAL_MODEL_PATH is no folder, for a typing error would else end in other models or none; and
 * where no folder can ever be made at HF_HOME, as in /proc: the worker would try for ever. A cache that may not be written
 * is no fault: the worker has another place.
 */
export function checkModelFolders({
  localModelPath,
  modelCacheDir,
}: Pick<Config, 'localModelPath' | 'modelCacheDir'>): void {
  checkLocalModels({ localModelPath });
  try {
    makeFolder(modelCacheDir);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return;
    throw new ConfigError(`bad configuration: HF_HOME must be where folders can be made; ${modelCacheDir} cannot`);
  }
}

export function checkLocalModels({ localModelPath }: Pick<Config, 'localModelPath'>): void {
  if (localModelPath !== undefined && !isReadableFolder(localModelPath))
    throw new ConfigError(
      `bad configuration: LOCAL_MODEL_PATH must be a folder that can be read; ${localModelPath} is not`,
    );
}

/** The HF_HOME that the house sets: downloads go where data is kept, unless the operator says where. Undefined: it sets none. */
export function downloadsIn(
  { hfHomeIsSet, dataDir }: Pick<Config, 'hfHomeIsSet' | 'dataDir'>,
  data: DataFolder,
): string | undefined {
  if (hfHomeIsSet || dataDir === undefined || data.kind === 'ephemeral') return undefined;
  return path.join(data.dir, 'huggingface');
}

function isReadableFolder(dir: string): boolean {
  try {
    accessSync(dir, constants.R_OK | constants.X_OK);
    return statSync(dir).isDirectory();
  } catch {
    return false;
  }
}
