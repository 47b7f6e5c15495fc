import type { Dtype } from '@slipway/contract/engines';
import type { ModelTaskName } from '@slipway/contract/tasks';
import type { Env } from './env.ts';

export interface ModelConfig {
  task: ModelTaskName;
  /** `<org>/<name>` */
  id: string;
  /** Branch, tag or commit of its repository. */
  revision: string;
  dtype: Dtype;
}

/**
 * What each task runs where nothing else is said, for 2 cores and 16 GB (docs/decisions/0005-default-model.md,
 * 0012-default-models.md). A commit is given only where the Hub's public pages show it.
 */
const defaults: Record<ModelTaskName, Omit<ModelConfig, 'task'>> = {
  summarize: { id: 'Xenova/distilbart-cnn-6-6', revision: '1ad05dbf0722414a7f59e1749ae12c377952d39a', dtype: 'q8' },
  'classify-text': {
    id: 'Xenova/distilbert-base-uncased-finetuned-sst-2-english',
    revision: '4b4ee032880fb282f2ef48651c96adef0bb70296',
    dtype: 'q8',
  },
  'classify-image': { id: 'Xenova/vit-base-patch16-224', revision: 'main', dtype: 'q8' },
  chat: { id: 'HuggingFaceTB/SmolLM2-360M-Instruct', revision: 'main', dtype: 'q4' },
};

/** The models as the operator wants them; null turns a task off. */
export function modelConfigs(env: Env): Record<ModelTaskName, ModelConfig | null> {
  const summarizeModel = env.SUMMARIZE_MODEL ?? env.MODEL_NAME;
  return {
    summarize: configOf('summarize', summarizeModel, env.SUMMARIZE_MODEL_REVISION, env.SUMMARIZE_MODEL_DTYPE),
    'classify-text': configOf(
      'classify-text',
      env.CLASSIFY_TEXT_MODEL,
      env.CLASSIFY_TEXT_MODEL_REVISION,
      env.CLASSIFY_TEXT_MODEL_DTYPE,
    ),
    'classify-image': configOf(
      'classify-image',
      env.CLASSIFY_IMAGE_MODEL,
      env.CLASSIFY_IMAGE_MODEL_REVISION,
      env.CLASSIFY_IMAGE_MODEL_DTYPE,
    ),
    chat: configOf('chat', env.CHAT_MODEL, env.CHAT_MODEL_REVISION, env.CHAT_MODEL_DTYPE),
  };
}

function configOf(task: ModelTaskName, id = defaults[task].id, revision?: string, dtype?: Dtype): ModelConfig | null {
  if (id === '') return null;
  // the default's revision and number format say nothing about another model
  const base = id === defaults[task].id ? defaults[task] : { revision: 'main', dtype: 'fp32' as const };
  return { task, id, revision: revision ?? base.revision, dtype: dtype ?? base.dtype };
}
