import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { UsageError } from './failure.ts';

/** A file of this machine, with its own name. Throws UsageError where it can't be read. */
export async function readLocalFile(path: string): Promise<File> {
  try {
    return new File([await readFile(path)], basename(path));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(`${path} ${reasons[code ?? ''] ?? `can't be read (${code ?? error})`}.`);
  }
}

const reasons: Record<string, string> = {
  ENOENT: 'is not there. For a text in place of a file: --text',
  EISDIR: 'is a folder: name a file',
  EACCES: 'may not be read by you',
};
