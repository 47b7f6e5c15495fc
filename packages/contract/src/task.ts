import type { z } from 'zod';
import type { EngineName } from './engines.ts';

export interface Upload {
  field: string;
  kind: 'document' | 'image';
}

/** A task: what may be asked for, what comes back, and how its jobs are treated. Pure data. */
export interface TaskDefinition<
  Name extends string = string,
  Input extends z.ZodType = z.ZodType,
  Options extends z.ZodType = z.ZodType,
  Output extends z.ZodType = z.ZodType,
  Engines extends readonly EngineName[] = readonly EngineName[],
  File extends Upload | undefined = Upload | undefined,
> {
  /** On the wire and as the queue's name: lower case words joined by "-". */
  name: Name;
  title: string;
  input: Input;
  options: Options;
  output: Output;
  /** Where an uploaded file may stand for the input: the field that gets its text, or its bytes in base64. */
  upload?: File;
  /** Jobs of this task that wait at the same time may be computed together, in one pass of the model. */
  batches?: true;
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
  File extends Upload | undefined = undefined,
>(
  definition: TaskDefinition<Name, Input, Options, Output, Engines, File>,
): TaskDefinition<Name, Input, Options, Output, Engines, File> {
  return definition;
}
