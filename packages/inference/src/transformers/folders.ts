import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';

/**
 * Answers transformers.js' questions for files from one folder per load, and from nowhere else. Checked in the source
 * of 4.3.1 (src/utils/hub.js, src/utils/cache.js).
 */

/** Where the library looks when this has no answer: nothing can be below a file that is no folder. */
export const nowhere = '/dev/null/';
const weights = /\.onnx(_data(_\d+)?)?$/;
const folders = new Map<string, string>();
let loads = 0;

/**
 * Runs `load` with a name under which the library finds the files of `dir`. Each load has its own name, because the
 * library remembers for the life of the process that a file of a model does not exist.
 */
export async function loadFrom<T>(dir: string, load: (name: string) => Promise<T>): Promise<T> {
  loads += 1;
  const name = `loads/${loads}`;
  folders.set(name, path.resolve(dir));
  try {
    return await load(name);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(message.replaceAll(nowhere + name, dir), { cause: error });
  } finally {
    folders.delete(name);
  }
}

/**
 * What the library's cache has for a path. Weights are answered as a path, which the runtime opens by itself: as a
 * Response the library would read them into memory twice. Undefined: no such file.
 */
export async function answer(key: string): Promise<string | Response | undefined> {
  const file = fileOf(key);
  if (file === undefined || !(await isFile(file))) return undefined;
  if (weights.test(file)) return file;
  return new Response(await readFile(file), { headers: { 'content-type': 'application/json' } });
}

function fileOf(key: string): string | undefined {
  if (!key.startsWith(nowhere)) return undefined;
  const [group, load, ...rest] = key.slice(nowhere.length).split('/');
  const dir = folders.get(`${group}/${load}`);
  if (dir === undefined) return undefined;
  const file = path.join(dir, ...rest);
  return file.startsWith(dir + path.sep) ? file : undefined;
}

async function isFile(file: string): Promise<boolean> {
  const found = await stat(file).catch(() => undefined);
  return found?.isFile() ?? false;
}
