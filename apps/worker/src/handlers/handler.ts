import type { EngineName } from '@slipway/contract/engines';
import type { TaskInput, TaskName, TaskOptions, TaskOutput } from '@slipway/contract/tasks';
import type { ChatModel, ImageClassifier, RunContext, Summarizer, TextClassifier } from '@slipway/inference/engine';

/** The engines and models, by what they do. Asking for one may load it first. */
export interface Models {
  summarizer(engine: EngineName): Promise<Summarizer>;
  textClassifier(): Promise<TextClassifier>;
  imageClassifier(): Promise<ImageClassifier>;
  chatModel(): Promise<ChatModel>;
}

export interface HandlerContext extends RunContext {
  models: Models;
  /** The engine that this job runs on, decided by the worker. */
  engine: EngineName;
}

export interface Handled<T extends TaskName> {
  output: TaskOutput<T>;
  model: string | null;
  inputTokens: number | null;
  outputTokens: number | null;
}

/** Does one task's work. It knows neither the queue nor HTTP; it runs in an inference process. */
export type Handler<T extends TaskName> = (
  job: { input: TaskInput<T>; options: TaskOptions<T> },
  context: HandlerContext,
) => Promise<Handled<T>>;
