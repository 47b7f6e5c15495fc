import type { z } from 'zod';
import type { EngineName } from './engines.ts';

/** A task: what may be asked for, what comes back, and how its jobs are treated. Pure data. */
export interface TaskDefinition<
  Name extends string = string,
  Input extends z.ZodType = z.ZodType,
  Options extends z.ZodType = z.ZodType,
  Output extends z.ZodType = z.ZodType,
  Engines extends readonly EngineName[] = readonly EngineName[],
> {
  /** On the wire and as the queue's name: lower case words joined by "-". */
  name: Name;
  title: string;
  input: Input;
  options: Options;
  output: Output;
  /** What can do it. A task with `transformers` has a model, configured by the operator. */
  engines: Engines;
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
  const Engines extends readonly EngineName[],
>(
  definition: TaskDefinition<Name, Input, Options, Output, Engines>,
): TaskDefinition<Name, Input, Options, Output, Engines> {
  return definition;
}
