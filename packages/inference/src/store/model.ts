import path from 'node:path';
import { type Dtype, modelIdSchema } from '@slipway/contract/engines';
import type { ModelTaskName } from '@slipway/contract/tasks';
import { type ModelFiles, modelFiles } from './files.ts';

/** Which model: its repository, which state of it, which of its weights, and what it is for. */
export interface ModelRef {
  /** What it does, which says what files it has and which variables name it; `summarize` where left out. */
  task?: ModelTaskName;
  /** `<org>/<name>`. */
  id: string;
  /** Branch, tag or commit. */
  revision: string;
  dtype: Dtype;
}

const revisionPattern = /^\w[\w./-]*$/;

/** Throws where an id or a revision could lead out of a folder or to another address. */
export function checkModel({ id, revision }: ModelRef): void {
  if (!modelIdSchema.safeParse(id).success) throw new Error('a model id must be <org>/<name>');
  if (!revisionPattern.test(revision) || revision.includes('..')) {
    throw new Error('a model revision must be a branch, a tag or a commit');
  }
}

/** Where a downloaded model is kept. Each number format has a complete folder of its own, never changed. */
export function cacheFolder(cacheDir: string, { id, revision, dtype }: ModelRef): string {
  return path.join(cacheDir, id, encodeURIComponent(revision), dtype);
}

export function filesOf({ task = 'summarize', dtype }: ModelRef): ModelFiles {
  return modelFiles(task, dtype);
}

/** The variable that names the model of its task; `_REVISION` and `_DTYPE` at its end name the rest. */
export function variableOf({ task = 'summarize' }: ModelRef): string {
  return `${task.toUpperCase().replaceAll('-', '_')}_MODEL`;
}
