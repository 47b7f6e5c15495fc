import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { userInfo } from 'node:os';
import path from 'node:path';
import { socketAnswers } from './port.ts';

/** The checkout or, in the image, /app: from src/ and from dist/ it is three folders up. */
export const root = path.resolve(import.meta.dirname, '../../..');

/**
 * Makes the run directory for this user alone: it holds the sockets that everything inside is reached by. Throws where
 * somebody else made it first.
 */
export function prepareRunDir(runDir: string): void {
  mkdirSync(runDir, { recursive: true, mode: 0o700 });
  const stat = lstatSync(runDir);
  if (!stat.isDirectory() || stat.uid !== userInfo().uid)
    throw new Error(`${runDir} belongs to somebody else. Remove it, or set TMPDIR to a folder of your own.`);
  chmodSync(runDir, 0o700);
}

export interface DataDir {
  dir: string;
  /** Why what lies there may be gone after a restart, or undefined where it is kept. */
  ephemeral?: string;
}

/** The data folder: the one asked for if it can be written, else one that goes with the machine, and why. */
export function prepareDataDir(wanted: string | undefined, runDir: string): DataDir {
  const first = wanted ?? path.join(root, 'data');
  const fault = writeFault(first);
  if (fault === undefined) return { dir: first };
  const dir = path.join(runDir, 'data');
  mkdirSync(dir, { recursive: true });
  return { dir, ephemeral: `${first} cannot be written (${fault})` };
}

/**
 * Marks the folder as this instance's. Throws where another instance that still runs has it: two redis-servers on one
 * folder would destroy each other's data.
 */
export async function claimDataDir(dir: string, runDir: string): Promise<void> {
  const mark = path.join(dir, '.slipway-instance');
  const other = existsSync(mark) ? readFileSync(mark, 'utf8') : runDir;
  if (other !== runDir && (await socketAnswers(path.join(other, 'redis.sock'))))
    throw new Error(`${dir} is in use by another instance. Give this one its own: DATA_DIR=… npm start`);
  writeFileSync(mark, runDir);
}

/** Tries it: permissions alone do not tell what a mounted volume allows. */
function writeFault(dir: string): string | undefined {
  const probe = path.join(dir, '.slipway-probe');
  try {
    mkdirSync(dir, { recursive: true });
    accessSync(dir, constants.W_OK);
    writeFileSync(probe, '');
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  } finally {
    if (existsSync(probe)) rmSync(probe, { force: true });
  }
}
