import { cp, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isGone, type Owner } from './owner.ts';
import { namesIn, removeFolder } from './remove.ts';

/**
 * The folder that a download fills before it is moved into place. Each download has one of its own, and takes over what
 * an earlier one of the same model left in another.
 */
export interface PartFolder {
  dir: string;
  state: PartState;
}

/** Stands in the folder as part.json. */
export interface PartState {
  /** Who fills it. */
  owner: Owner;
  /** What the revision stood for; null where the hub did not say. */
  commit: string | null;
  bytesTotal: number;
  /** By path: what names the content that a file was begun with, and the SHA-256 of a file that is whole. */
  files: Record<string, { etag: string | null; sha256?: string }>;
}

const stateName = 'part.json';

/** Makes the folder beside `target`, on the same disk, with what is there already of the same commit. */
export async function openPartFolder(
  target: string,
  owner: Owner,
  { commit, bytesTotal }: Pick<PartState, 'commit' | 'bytesTotal'>,
): Promise<PartFolder> {
  const dir = path.join(path.dirname(target), startOfName(target) + owner.nonce);
  const part: PartFolder = { dir, state: { owner, commit, bytesTotal, files: {} } };
  for (const found of await findPartFolders(target)) {
    const earlier = await readState(found);
    if (earlier !== undefined && earlier.commit === commit && Object.keys(part.state.files).length === 0) {
      await takeOver(found, dir, earlier.owner, owner);
      part.state.files = earlier.files;
    }
    await removeFolder(found);
  }
  await mkdir(dir, { recursive: true });
  await saveState(part);
  return part;
}

export async function saveState({ dir, state }: PartFolder): Promise<void> {
  await writeFile(path.join(dir, stateName), JSON.stringify(state));
}

/** To be called when all else is there: what is left in the folder is the model's. */
export async function dropState({ dir }: PartFolder): Promise<void> {
  await rm(path.join(dir, stateName), { force: true });
}

/** How far whoever fills a folder beside `target` has got. */
export async function measureParts(target: string): Promise<{ bytesDone: number; bytesTotal: number }> {
  let bytesDone = 0;
  let bytesTotal = 0;
  for (const dir of await findPartFolders(target)) {
    const state = await readState(dir);
    if (state === undefined) continue;
    bytesTotal = state.bytesTotal;
    for (const file of Object.keys(state.files)) bytesDone += await sizeOf(path.join(dir, file));
  }
  return { bytesDone, bytesTotal };
}

/** Folders beside `target` that were begun and not ended. */
export async function findPartFolders(target: string): Promise<string[]> {
  const parent = path.dirname(target);
  const names = await namesIn(parent);
  return names.filter((name) => name.startsWith(startOfName(target))).map((name) => path.join(parent, name));
}

function startOfName(target: string): string {
  return `.part-${path.basename(target)}-`;
}

/** Whoever may still be writing keeps the files, and we take a copy: two writers would spoil them. */
async function takeOver(from: string, to: string, earlier: Owner, owner: Owner): Promise<void> {
  if (isGone(earlier, owner)) await rename(from, to);
  else await cp(from, to, { recursive: true });
}

/** Undefined where there is none, or none that can be read. */
async function readState(dir: string): Promise<PartState | undefined> {
  try {
    const state = JSON.parse(await readFile(path.join(dir, stateName), 'utf8')) as PartState;
    return typeof state.owner.nonce === 'string' && typeof state.files === 'object' ? state : undefined;
  } catch {
    return undefined;
  }
}

async function sizeOf(file: string): Promise<number> {
  const found = await stat(file).catch(() => undefined);
  return found?.size ?? 0;
}
