import type { ModelTaskName } from '@slipway/contract/tasks';
import { z } from 'zod';
import { envSchema } from './env.ts';
import { ConfigError, hubEndpointOf } from './load.ts';
import { type ModelConfig, modelConfig, modelTasks } from './models.ts';

/** What the build of the image is told (docs/image.md): build args, on a Space its variables, and one secret. */
const bakeSchema = z.object({
  /** A model to put into the image, `<org>/<name>`. */
  MODEL_REPO_NAME: envSchema.shape.MODEL_NAME,
  MODEL_REVISION: envSchema.shape.SUMMARIZE_MODEL_REVISION,
  MODEL_DTYPE: envSchema.shape.SUMMARIZE_MODEL_DTYPE,
  /** What it does. */
  MODEL_TASK: z.preprocess(
    (value) => (value === '' ? undefined : value),
    z.enum(modelTasks, { error: `must be one of ${modelTasks.join(', ')}` }).default('summarize'),
  ),
  /** Tasks whose models come into the image besides; `none`: no model at all. */
  PRELOAD_MODELS: z.string().default('').transform(parsePreload),
  HF_ENDPOINT: envSchema.shape.HF_ENDPOINT,
  HF_TOKEN: envSchema.shape.HF_TOKEN,
});

export type BakeVariable = keyof typeof bakeSchema.shape;
export const bakeVariables = Object.keys(bakeSchema.shape) as BakeVariable[];

export interface BakeConfig {
  models: ModelConfig[];
  hubEndpoint: string;
  hubToken: string | undefined;
}

/** Which models the image gets. Throws a ConfigError naming every bad build arg, never with its value. */
export function loadBakeConfig(environment: Record<string, string | undefined> = process.env): BakeConfig {
  const parsed = bakeSchema.safeParse(environment);
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`);
    throw new ConfigError(`bad build arguments: ${faults.join('; ')}`);
  }
  const { MODEL_REPO_NAME: id, MODEL_TASK: named, MODEL_REVISION: revision, MODEL_DTYPE: dtype, ...rest } = parsed.data;
  const wanted = rest.PRELOAD_MODELS ?? [];
  const tasks = modelTasks.filter((task) => wanted.includes(task) || (id !== undefined && task === named));
  const idle = (['MODEL_REVISION', 'MODEL_DTYPE', 'MODEL_TASK'] as const).filter((name) => environment[name]);
  if (rest.PRELOAD_MODELS !== null && idle.length > 0 && !tasks.includes(named))
    throw new ConfigError(
      `bad build arguments: ${idle.join(', ')} would do nothing: set MODEL_REPO_NAME, or name ${named} in PRELOAD_MODELS`,
    );
  return {
    models:
      rest.PRELOAD_MODELS === null
        ? []
        : tasks.map((task) => modelConfig(task, task === named ? { id, revision, dtype } : {})),
    hubEndpoint: hubEndpointOf(rest.HF_ENDPOINT),
    hubToken: rest.HF_TOKEN,
  };
}

/** The tasks that are named; null for `none`. */
function parsePreload(text: string, context: z.RefinementCtx): ModelTaskName[] | null {
  if (text === 'none') return null;
  if (text === 'all') return modelTasks;
  const names = text.split(',').map((name) => name.trim());
  const tasks = modelTasks.filter((task) => names.includes(task));
  if (names.every((name) => name === '' || tasks.some((task) => task === name))) return tasks;
  context.addIssue({ code: 'custom', message: `must be none, all, or of ${modelTasks.join(', ')}, comma-separated` });
  return z.NEVER;
}
