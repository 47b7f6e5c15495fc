import type { z } from 'zod';

/** A task: what may be asked for, what comes back, and how its jobs are treated. Pure data. */
export interface TaskDefinition<
  Name extends string = string,
  Input extends z.ZodType = z.ZodType,
  Options extends z.ZodType = z.ZodType,
  Output extends z.ZodType = z.ZodType,
> {
  /** On the wire and as the queue's name: lower case words joined by "-". */
  name: Name;
  title: string;
  input: Input;
  options: Options;
  output: Output;
  /** How often a job is tried when its process dies or an unexpected error comes. */
  attempts: number;
  /** Longest run of one attempt, in milliseconds. */
  timeoutMs: number;
}

/** Types a definition by its schemas. */
export function defineTask<
  Name extends string,
  Input extends z.ZodType,
  Options extends z.ZodType,
  Output extends z.ZodType,
>(definition: TaskDefinition<Name, Input, Options, Output>): TaskDefinition<Name, Input, Options, Output> {
  return definition;
}
