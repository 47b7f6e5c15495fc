import type { z } from 'zod';
import type { TaskDefinition } from './task.ts';
import { summarize } from './tasks/summarize.ts';

/** The catalogue: every task of the house. Its names are the queues' names and what `task` may be on the wire. */
export const tasks = { summarize } as const satisfies Record<string, TaskDefinition>;

export type TaskName = keyof typeof tasks;
export type TaskInput<T extends TaskName> = z.infer<(typeof tasks)[T]['input']>;
export type TaskOptions<T extends TaskName> = z.infer<(typeof tasks)[T]['options']>;
/** Options as a caller writes them: everything with a default may be left out. */
export type TaskOptionsGiven<T extends TaskName> = z.input<(typeof tasks)[T]['options']>;
export type TaskOutput<T extends TaskName> = z.infer<(typeof tasks)[T]['output']>;

export const taskNames = Object.keys(tasks) as TaskName[];

export function isTaskName(name: unknown): name is TaskName {
  return typeof name === 'string' && Object.hasOwn(tasks, name);
}
