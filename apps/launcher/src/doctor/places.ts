import { existsSync, rmSync, statfsSync } from 'node:fs';
import path from 'node:path';
import { readDataFolder } from '@slipway/config/data-folder';
import type { Config } from '@slipway/config/load';
import type { DataFolder } from '@slipway/contract/data-folder';
import { kindOf, surroundings } from '../data-kind.ts';
import { wantedDataDir, writeFault } from '../folders.ts';
import { downloadsIn } from '../model-folders.ts';
import { type Check, fail, inGiB, ok, warn } from './check.ts';

/** Less free room than this, in bytes, is soon none. */
const littleRoom = 1024 ** 3;

/**
 * The folders that are written: what they are and whether they can be. Leaves none that was not there. `archived`: jobs
 * are kept in a dataset too.
 */
export function checkPlaces(config: Config, running: boolean, archived: boolean): Check[] {
  const data = (running ? readDataFolder(config.runDir) : undefined) ?? expectedData(config);
  return [
    writable('run folder', config.runDir, 'Set TMPDIR to a short path that can be written', fail),
    dataCheck(data, archived),
    modelsCheck(config, data, running ? warn : fail),
  ];
}

/** A start ends where no folder can ever be made at HF_HOME; where one may only not be written, there is another place. */
function modelsCheck(config: Config, data: DataFolder, never: typeof fail): Check {
  if (faultOf(config.modelCacheDir) === 'ENOENT')
    return never(
      'models',
      `${config.modelCacheDir} cannot be made (ENOENT)`,
      'Set HF_HOME to where folders can be made',
    );
  const models = path.join(downloadsIn(config, data) ?? path.dirname(config.modelCacheDir), 'slipway');
  const advice = 'Set HF_HOME to a folder that can be written; until then a temporary one serves';
  return writable('models', models, advice, warn);
}

function dataCheck({ kind, dir, wanted, reason, snapshot }: DataFolder, archived: boolean): Check {
  const detail = `${kind}: ${wanted} ${reason}`;
  const keep =
    'Mount a volume and name it by DATA_DIR (on a Space: a storage bucket at /data), set HF_DATASET_REPO and HF_TOKEN to ' +
    'keep jobs in a dataset, or use an external Redis';
  const lost = `${detail}; what is kept in ${dir} goes with the machine`;
  if (kind === 'ephemeral' && archived) return ok('data', `${lost}, and jobs come back from the archive`);
  if (kind === 'ephemeral') return warn('data', lost, keep);
  if (snapshot?.fault)
    return warn('data', `${detail}; the last snapshot was not copied: ${snapshot.fault}`, 'See that it can be written');
  if (kind === 'bucket') return ok('data', `${detail}; last snapshot of Redis there: ${snapshot?.at ?? 'none yet'}`);
  return ok('data', detail);
}

/** What a start would find, without leaving anything. */
function expectedData(config: Config): DataFolder {
  const wanted = wantedDataDir(config);
  const fault = faultOf(wanted);
  if (fault !== undefined)
    return { kind: 'ephemeral', dir: path.join(config.runDir, 'data'), wanted, reason: `cannot be written (${fault})` };
  if (config.dataKind !== 'auto')
    return { kind: config.dataKind, dir: wanted, wanted, reason: `is a ${config.dataKind}, as DATA_KIND says` };
  return { ...kindOf(nearest(wanted), surroundings(config.onSpace)), dir: wanted, wanted };
}

function writable(name: string, dir: string, advice: string, otherwise: typeof warn): Check {
  const fault = faultOf(dir);
  if (fault !== undefined) return otherwise(name, `${dir} cannot be written (${fault})`, advice);
  const { bavail, blocks, bsize } = statfsSync(nearest(dir));
  if (blocks === 0) return ok(name, `${dir}, free room not told`); // some mounts count none, and are not full
  const detail = `${dir}, ${inGiB(bavail * bsize)} free`;
  return bavail * bsize < littleRoom ? warn(name, detail, 'Make room: a full disk refuses jobs') : ok(name, detail);
}

/** The start's own check; of a folder that is not there, by another one where its first would be made. */
function faultOf(dir: string): string | undefined {
  if (existsSync(dir)) return writeFault(dir);
  const probe = path.join(nearest(dir), `.slipway-probe-${process.pid}`);
  const fault = writeFault(probe);
  if (existsSync(probe)) rmSync(probe, { recursive: true });
  return fault;
}

/** The folder, or the first one above it that is there. */
const nearest = (dir: string): string => (existsSync(dir) ? dir : nearest(path.dirname(dir)));
