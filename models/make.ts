import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { colours } from './colours.ts';
import { copier } from './copier.ts';
import { echo } from './echo.ts';
import { lexicon } from './lexicon.ts';
import type { MadeModel } from './model.ts';

export interface MakeOptions {
  /** Side of the matrices that each step also multiplies: 0 costs nothing, 512 about 5 ms on one core, 1024 40. */
  slow?: number;
}

/**
 * Writes every model at `<dir>/<org>/<name>` in the layout that transformers.js loads, the same bytes each time.
 * Resolves to their ids.
 */
export async function makeModels(dir: string, { slow = 0 }: MakeOptions = {}): Promise<string[]> {
  const models = [copier(slow), lexicon(slow), colours(slow), echo(slow)];
  for (const model of models) await writeModel(path.join(dir, model.id), model);
  return models.map((model) => model.id);
}

/** Writes one model's files into its own folder. */
export async function writeModel(dir: string, model: MadeModel): Promise<void> {
  await mkdir(path.join(dir, 'onnx'), { recursive: true });
  for (const [file, content] of Object.entries(model.json)) {
    await writeFile(path.join(dir, file), JSON.stringify(content, null, 1));
  }
  for (const [file, graph] of Object.entries(model.onnx)) await writeFile(path.join(dir, file), graph.toParts());
}
