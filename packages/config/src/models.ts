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

export const modelTasks = Object.keys(defaults) as ModelTaskName[];

/** What is said of a task's model; an empty id turns the task off. */
export interface ModelChoice {
  id?: string | undefined;
  revision?: string | undefined;
  dtype?: Dtype | undefined;
}

/**
 * The models as the operator wants them; null turns a task off. `baked`: those that are in the image, which are what
 * their tasks run where nothing else is said.
 */
export function modelConfigs(env: Env, baked: ModelConfig[]): Record<ModelTaskName, ModelConfig | null> {
  const choices: Record<ModelTaskName, ModelChoice> = {
    summarize: {
      id: env.SUMMARIZE_MODEL ?? env.MODEL_NAME,
      revision: env.SUMMARIZE_MODEL_REVISION,
      dtype: env.SUMMARIZE_MODEL_DTYPE,
    },
    'classify-text': {
      id: env.CLASSIFY_TEXT_MODEL,
      revision: env.CLASSIFY_TEXT_MODEL_REVISION,
      dtype: env.CLASSIFY_TEXT_MODEL_DTYPE,
    },
    'classify-image': {
      id: env.CLASSIFY_IMAGE_MODEL,
      revision: env.CLASSIFY_IMAGE_MODEL_REVISION,
      dtype: env.CLASSIFY_IMAGE_MODEL_DTYPE,
    },
    chat: { id: env.CHAT_MODEL, revision: env.CHAT_MODEL_REVISION, dtype: env.CHAT_MODEL_DTYPE },
  };
  const configs = modelTasks.map((task) => {
    const ofImage = baked.find((model) => model.task === task);
    const { id = ofImage?.id, ...rest } = choices[task];
    return [task, id === '' ? null : modelConfig(task, { id, ...rest }, ofImage)];
  });
  return Object.fromEntries(configs) as Record<ModelTaskName, ModelConfig | null>;
}

/** A model as it is meant: what is not said comes from a model of that name that we know, else it is `main` in 32 bits. */
export function modelConfig(task: ModelTaskName, choice: ModelChoice, ofImage?: ModelConfig): ModelConfig {
  const id = choice.id ?? defaults[task].id;
  // what is said of one model says nothing about another
  const known = [ofImage, defaults[task]].find((model) => model?.id === id);
  return {
    task,
    id,
    revision: choice.revision ?? known?.revision ?? 'main',
    dtype: choice.dtype ?? known?.dtype ?? 'fp32',
  };
}
