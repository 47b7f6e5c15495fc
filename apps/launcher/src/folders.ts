import { accessSync, chmodSync, constants, existsSync, lstatSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import path from 'node:path';

/** The checkout or, in the image, /app: from src/ and from dist/ it is three folders up. */
export const root = path.resolve(import.meta.dirname, '../../..');

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
