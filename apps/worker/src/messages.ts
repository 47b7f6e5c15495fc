import type { Device, Dtype, EngineName } from '@slipway/contract/engines';
import type { Progress } from '@slipway/contract/jobs';
import type { ProblemCode } from '@slipway/contract/problems';
import type { ModelTaskName, TaskName } from '@slipway/contract/tasks';
import type { Handled } from './handlers/handler.ts';

/** A model whose files lie complete in a folder. */
export interface ModelFiles {
  task: ModelTaskName;
  id: string;
  dir: string;
  dtype: Dtype;
  device: Device;
  /** Threads of one inference process. */
  threads: number;
}

/** One attempt of a job, as it goes to an inference process. */
export interface ChildJob {
  id: string;
  task: TaskName;
  input: unknown;
  options: unknown;
  engine: EngineName;
  /** Other jobs of the same task may be computed in the same pass of the model. */
  shares: boolean;
  /** What the transformers engine runs it with; loaded first where it is not yet. */
  model: ModelFiles | null;
}

/** Worker → inference process. */
export type ToChild =
  | { type: 'load'; model: ModelFiles }
  | { type: 'run'; job: ChildJob }
  | { type: 'cancel'; id: string };

/** Inference process → worker. */
export type FromChild =
  | { type: 'up' }
  | { type: 'loading'; task: ModelTaskName }
  | { type: 'loaded'; task: ModelTaskName }
  | { type: 'load-failed'; task: ModelTaskName; reason: string }
  | { type: 'progress'; id: string; progress: Progress }
  | { type: 'output'; id: string; text: string }
  | { type: 'log'; id: string; line: string }
  | { type: 'done'; id: string; handled: Handled<TaskName>; rssBytes: number }
  | { type: 'failed'; id: string; code: ProblemCode; message: string; rssBytes: number };
