import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type DataFolder, dataFolderSchema } from '@slipway/contract/data-folder';

const noteOf = (runDir: string) => path.join(runDir, 'data-folder.json');
/** Of its own, for two processes write. */
const archiveNoteOf = (runDir: string) => path.join(runDir, 'archive.json');

/** What the launcher found the data folder to be; undefined where no launcher has looked. */
export function readDataFolder(runDir: string): DataFolder | undefined {
  try {
    return dataFolderSchema.parse({ ...readNote(noteOf(runDir)), archive: readArchiveNote(runDir) });
  } catch {
    return undefined;
  }
}

export function writeDataFolder(runDir: string, folder: DataFolder): void {
  writeNote(noteOf(runDir), folder);
}

/** What the courier knows of the archive; undefined: there is none. */
export function writeArchiveNote(runDir: string, archive: DataFolder['archive']): void {
  if (archive) writeNote(archiveNoteOf(runDir), archive);
  else rmSync(archiveNoteOf(runDir), { force: true });
}

function readArchiveNote(runDir: string): unknown {
  try {
    return readNote(archiveNoteOf(runDir));
  } catch {
    return undefined;
  }
}

const readNote = (file: string) => JSON.parse(readFileSync(file, 'utf8'));

function writeNote(file: string, note: object): void {
  writeFileSync(`${file}.new`, JSON.stringify(note));
  renameSync(`${file}.new`, file); // a reader never sees half of it
}
