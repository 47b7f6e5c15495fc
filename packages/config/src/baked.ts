import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { dtypeSchema, modelIdSchema } from '@slipway/contract/engines';
import { z } from 'zod';
import { type ModelConfig, modelTasks } from './models.ts';

/** What the build put into the image: each model under the commit that its revision stood for then. */
const noteSchema = z.object({
  models: z.array(
    z.object({ task: z.enum(modelTasks), id: modelIdSchema, revision: z.string().min(1), dtype: dtypeSchema }),
  ),
});

const noteOf = (dir: string) => path.join(dir, 'baked.json');

/** The models in the image's folder; none where it has no note. A note that can't be read is an error of the build. */
export function readBakedModels(dir: string): ModelConfig[] {
  let text: string;
  try {
    text = readFileSync(noteOf(dir), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return noteSchema.parse(JSON.parse(text)).models;
}

export function writeBakedModels(dir: string, models: ModelConfig[]): void {
  writeFileSync(noteOf(dir), `${JSON.stringify({ models }, null, 2)}\n`);
}
