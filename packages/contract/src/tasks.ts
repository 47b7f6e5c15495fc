import type { z } from 'zod';
import type { TaskDefinition } from './task.ts';
import { chat } from './tasks/chat.ts';
import { classifyImage } from './tasks/classify-image.ts';
import { classifyText } from './tasks/classify-text.ts';
import { summarize } from './tasks/summarize.ts';

/** The catalogue: every task of the house. Its names are the queues' names and what `task` may be on the wire. */
export const tasks = {
  summarize,
  'classify-text': classifyText,
  'classify-image': classifyImage,
  chat,
} as const satisfies Record<string, TaskDefinition>;

export type TaskName = keyof typeof tasks;
export type TaskInput<T extends TaskName> = z.infer<(typeof tasks)[T]['input']>;
export type TaskOptions<T extends TaskName> = z.infer<(typeof tasks)[T]['options']>;
/** Options as a caller writes them: everything with a default may be left out. */
export type TaskOptionsGiven<T extends TaskName> = z.input<(typeof tasks)[T]['options']>;
export type TaskOutput<T extends TaskName> = z.infer<(typeof tasks)[T]['output']>;

export const taskNames = Object.keys(tasks) as TaskName[];

/** The tasks that have a model. */
export type ModelTaskName = {
  [T in TaskName]: 'transformers' extends (typeof tasks)[T]['engines'][number] ? T : never;
}[TaskName];

export function hasModel(task: TaskName): task is ModelTaskName {
  const { engines }: TaskDefinition = tasks[task];
  return engines.includes('transformers');
}

export function isTaskName(name: unknown): name is TaskName {
  return typeof name === 'string' && Object.hasOwn(tasks, name);
}
