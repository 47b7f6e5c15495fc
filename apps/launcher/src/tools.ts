import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/** Debian keeps nginx in a folder that only root has on its PATH. */
const folders = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin', '/opt/homebrew/bin'];

/** The file of a program. Throws an Error that says how to get it. */
export function findTool(name: string, debianPackage: string): string {
  const found = folders.map((folder) => path.join(folder, name)).find(isExecutable);
  if (found === undefined)
    throw new Error(`${name} is not installed. On Debian or Ubuntu: sudo apt-get install ${debianPackage}`);
  return found;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
