import { accessSync, chmodSync, constants, existsSync, lstatSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import path from 'node:path';
import type { Config } from '@slipway/config/load';
import type { DataFolder } from '@slipway/contract/data-folder';
import { kindOf, surroundings } from './data-kind.ts';
import { newestSnapshot, snapshotsFolder } from './redis-snapshots.ts';

/** The checkout or, in the image, /app: from src/ and from dist/ it is three folders up. */
export const root = path.resolve(import.meta.dirname, '../../..');
export const envFile = path.join(root, '.env');
export const servicesFolder = path.join(root, 'services');

/** A Unix socket's path has at most 107 bytes, and pm2's sockets lie in a folder below. */
const longestRunDir = 80;

/**
 * Makes the run directory for this user alone: it holds the sockets that everything inside is reached by. Throws where
 * somebody else made it first.
 */
export function prepareRunDir(runDir: string): void {
  if (runDir.length > longestRunDir || /[\s"';{}$\\]/.test(runDir))
    throw new Error(
      `${runDir} is too long or has a character that nginx cannot take. Set TMPDIR to a short plain path.`,
    );
  makeFolder(runDir, 0o700);
  const stat = lstatSync(runDir);
  if (!stat.isDirectory() || stat.uid !== userInfo().uid)
    throw new Error(`${runDir} belongs to somebody else. Remove it, or set TMPDIR to a folder of your own.`);
  chmodSync(runDir, 0o700);
}

/** Where the data folder is wanted. */
export const wantedDataDir = (config: Pick<Config, 'dataDir'>) => config.dataDir ?? path.join(root, 'data');

/**
 * Makes a folder and those above it. Node's own way (`recursive`) tries for ever where a file system such as /proc takes
 * no folders and says ENOENT for it; this one throws.
 */
export function makeFolder(dir: string, mode?: number): void {
  if (existsSync(dir)) return;
  const above = path.dirname(dir);
  if (above !== dir) makeFolder(above);
  try {
    mkdirSync(dir, { mode });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error; // another process was quicker
  }
}

/** The data folder: the one that is wanted if it can be written, else one that goes with the machine; its kind, and why. */
export function prepareDataDir(wanted: string, config: Pick<Config, 'runDir' | 'dataKind' | 'onSpace'>): DataFolder {
  const fault = writeFault(wanted);
  if (fault !== undefined) {
    const dir = path.join(config.runDir, 'data');
    makeFolder(dir);
    return { kind: 'ephemeral', dir, wanted, reason: `cannot be written (${fault})` };
  }
  const found =
    config.dataKind === 'auto'
      ? kindOf(wanted, surroundings(config.onSpace))
      : { kind: config.dataKind, reason: `is a ${config.dataKind}, as DATA_KIND says` };
  return { ...found, dir: wanted, wanted };
}

/**
 * Throws where the folder holds what Redis wrote while it was of the other kind, and nothing of this one: the house would
 * begin empty beside it.
 */
export async function requireSameKind({ kind, dir }: Pick<DataFolder, 'kind' | 'dir'>): Promise<void> {
  const onDisk = path.join(dir, 'redis');
  const inBucket = snapshotsFolder(dir);
  const hasDisk = existsSync(path.join(onDisk, 'appendonlydir'));
  const hasBucket = (await newestSnapshot(inBucket)) !== undefined;
  if (kind === 'bucket' ? hasBucket || !hasDisk : hasDisk || !hasBucket) return;
  const [was, from, to] = kind === 'bucket' ? ['disk', onDisk, inBucket] : ['bucket', inBucket, onDisk];
  const now = kind === 'ephemeral' ? kind : `a ${kind}`;
  throw new Error(
    `${dir} was a ${was} and is now ${now}: the jobs in ${from} would not be read. Set DATA_KIND=${was} again, or bring them to ${to} (docs/operations.md, "Another kind")`,
  );
}

/** Tries it: permissions alone do not tell what a mounted volume allows. Undefined where it can be written. */
export function writeFault(dir: string): string | undefined {
  const probe = path.join(dir, '.slipway-probe');
  try {
    makeFolder(dir);
    accessSync(dir, constants.W_OK);
    writeFileSync(probe, '');
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  } finally {
    if (existsSync(probe)) rmSync(probe, { force: true });
  }
}
