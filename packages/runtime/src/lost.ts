import { existsSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const noteOf = (runDir: string) => path.join(runDir, 'lost');

/**
 * The launcher notes in the run directory that another instance has taken the data, before it stops the house: what ours
 * would still put there or into the archive would be taken for the newest, and is not.
 */
export const noteLost = (runDir: string) => writeFileSync(noteOf(runDir), '');

export const dataIsLost = (runDir: string) => existsSync(noteOf(runDir));

/** For a new start. */
export const forgetLost = (runDir: string) => rmSync(noteOf(runDir), { force: true });
