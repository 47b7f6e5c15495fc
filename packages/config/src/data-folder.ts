import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type DataFolder, dataFolderSchema } from '@slipway/contract/data-folder';

const noteOf = (runDir: string) => path.join(runDir, 'data-folder.json');

/** What the launcher found the data folder to be; undefined where no launcher has looked. */
export function readDataFolder(runDir: string): DataFolder | undefined {
  try {
    return dataFolderSchema.parse(JSON.parse(readFileSync(noteOf(runDir), 'utf8')));
  } catch {
    return undefined;
  }
}

export function writeDataFolder(runDir: string, folder: DataFolder): void {
  const note = noteOf(runDir);
  writeFileSync(`${note}.new`, JSON.stringify(folder));
  renameSync(`${note}.new`, note); // a reader never sees half of it
}
