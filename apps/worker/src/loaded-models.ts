import type { EngineName } from '@slipway/contract/engines';
import { CodedError } from '@slipway/contract/problems';
import type { ModelTaskName } from '@slipway/contract/tasks';
import type { ChatModel, ImageClassifier, Summarizer, TextClassifier } from '@slipway/inference/engine';
import { createExtractiveSummarizer } from '@slipway/inference/extractive/summarizer';
import { loadChatModel } from '@slipway/inference/transformers/chat';
import { loadImageClassifier } from '@slipway/inference/transformers/image-classifier';
import { loadSummarizer } from '@slipway/inference/transformers/summarizer';
import { loadTextClassifier } from '@slipway/inference/transformers/text-classifier';
import type { Models } from './handlers/handler.ts';
import type { ModelFiles } from './messages.ts';

/** What a task's files become. A task of the catalogue without a loader does not compile. */
const loaders = {
  summarize: loadSummarizer,
  'classify-text': loadTextClassifier,
  'classify-image': loadImageClassifier,
  chat: loadChatModel,
} as const satisfies Record<ModelTaskName, (model: ModelFiles) => Promise<unknown>>;

export interface LoadEvents {
  loading: (task: ModelTaskName) => void;
  loaded: (task: ModelTaskName) => void;
  failed: (task: ModelTaskName, error: unknown) => void;
}

/** The models that this inference process holds, one a task. */
export class LoadedModels implements Models {
  #events: LoadEvents;
  #loading = new Map<ModelTaskName, Promise<unknown>>();
  #extractive = createExtractiveSummarizer();

  constructor(events: LoadEvents) {
    this.#events = events;
  }

  /** Loads a model, once. Rejects with CodedError `model_unavailable`; a failed load is not remembered. */
  load(model: ModelFiles): Promise<unknown> {
    const { task } = model;
    const known = this.#loading.get(task);
    if (known) return known;
    this.#events.loading(task);
    const loading = loaders[task](model).catch((cause: unknown) => {
      this.#loading.delete(task);
      this.#events.failed(task, cause);
      throw new CodedError('model_unavailable', `The model ${model.id} cannot be loaded.`, { cause });
    });
    this.#loading.set(task, loading);
    loading.then(
      () => this.#events.loaded(task),
      () => {},
    );
    return loading;
  }

  summarizer(engine: EngineName): Promise<Summarizer> {
    return engine === 'extractive' ? Promise.resolve(this.#extractive) : this.#of<Summarizer>('summarize');
  }
  textClassifier(): Promise<TextClassifier> {
    return this.#of<TextClassifier>('classify-text');
  }
  imageClassifier(): Promise<ImageClassifier> {
    return this.#of<ImageClassifier>('classify-image');
  }
  chatModel(): Promise<ChatModel> {
    return this.#of<ChatModel>('chat');
  }

  #of<T>(task: ModelTaskName): Promise<T> {
    const loading = this.#loading.get(task) as Promise<T> | undefined; // what its loader makes
    return loading ?? Promise.reject(new CodedError('model_unavailable', `No model is loaded for ${task}.`));
  }
}
