import type { TaskName, TaskOutput } from '@slipway/contract/tasks';
import type { ComponentType } from 'react';

export interface OutputProps<T extends TaskName = TaskName> {
  /** The job's output once it has succeeded. */
  output: TaskOutput<T> | undefined;
  /** The text as far as it is generated; empty for what comes in one piece. */
  text: string;
  /** True while more may come. */
  busy: boolean;
}

/** Shows one task's output. */
export type OutputView<T extends TaskName> = ComponentType<OutputProps<T>>;
