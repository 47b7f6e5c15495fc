import { access, constants, mkdir, stat } from 'node:fs/promises';
import { type DownloadOptions, downloadModel } from './download.ts';
import { locateLocal } from './locate.ts';
import { cacheFolder, checkModel } from './model.ts';
import { offline, WrongContentError } from './unavailable.ts';
import { markUsed } from './usage.ts';
import { verifyModel } from './verify.ts';

export interface ObtainOptions extends Omit<DownloadOptions, 'cacheDir'> {
  /** A folder with models at `<org>/<name>`, filled by the operator. */
  localModelPath: string | undefined;
  /** What the build put into the image, in the cache's layout. Never written. */
  imageDir?: string | undefined;
  /** Looked in one after the other; a download goes to the first that can be written. */
  cacheDirs: string[];
  /** Called for a downloaded model, or one of the image, that was damaged since; the error names the file. It is downloaded anew. */
  onDamaged: (error: WrongContentError) => void;
}

export interface ObtainedModel {
  dir: string;
  source: 'local' | 'image' | 'cache' | 'hub';
  /** To be called when it is used no more: until then it is not removed to make room for others. */
  release(): Promise<void>;
}

/**
 * Brings a model that may be loaded: the operator's own, else one of the image or a downloaded one whose files are
 * what they were, else a new download. Rejects with a ModelUnavailableError, or with the signal's reason.
 */
export async function obtainModel(options: ObtainOptions): Promise<ObtainedModel> {
  const { model, localModelPath, imageDir, cacheDirs, signal, onDamaged } = options;
  checkModel(model);
  const local = await locateLocal(model, localModelPath);
  if (local !== undefined) return { dir: local, source: 'local', release: async () => {} };
  let damage: string | undefined;
  for (const place of imageDir === undefined ? cacheDirs : [imageDir, ...cacheDirs]) {
    const dir = cacheFolder(place, model);
    if (!(await stat(dir).catch(() => undefined))) continue;
    const release = await markUsed(dir);
    try {
      await verifyModel(model, dir, signal);
      return { dir, source: place === imageDir ? 'image' : 'cache', release };
    } catch (error) {
      await release();
      if (!(error instanceof WrongContentError)) throw error;
      damage = `${error.file} ${error.fault}`;
      onDamaged(error);
    }
  }
  if (options.offline) throw offline(model, damage);
  const dir = await downloadModel({ ...options, cacheDir: await firstWritable(cacheDirs) });
  return { dir, source: 'hub', release: await markUsed(dir) };
}

/** The first folder that can be made and written, else the first: its error is the one to tell. */
async function firstWritable(folders: string[]): Promise<string> {
  for (const folder of folders) {
    const writable = mkdir(folder, { recursive: true }).then(() => access(folder, constants.W_OK));
    const ok = await writable.then(
      () => true,
      () => false,
    );
    if (ok) return folder;
  }
  return folders[0] ?? '';
}
