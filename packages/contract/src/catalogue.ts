import { z } from 'zod';
import { deviceSchema, dtypeSchema, engineNameSchema, engineStatusSchema, modelStates } from './engines.ts';
import type { TaskDefinition } from './task.ts';
import { type TaskName, tasks } from './tasks.ts';

/** What can be asked of an instance: its tasks with the schemas of what they take, and their models. */

const jsonSchemaSchema = z.record(z.string(), z.unknown()).describe('JSON Schema 2020-12.');
type JsonSchema = z.infer<typeof jsonSchemaSchema>;

/** A task as `GET /tasks` tells it. */
export const taskInfoSchema = z.object({
  name: z.string(),
  title: z.string(),
  input: jsonSchemaSchema,
  options: jsonSchemaSchema.describe('JSON Schema 2020-12, with the defaults.'),
  output: jsonSchemaSchema,
  upload: z
    .object({ field: z.string(), kind: z.enum(['document', 'image']) })
    .optional()
    .describe('A file may be sent as multipart/form-data; it stands for this field of the input.'),
  engines: z.array(engineNameSchema).describe('What can do it.'),
  timeLimitMs: z.int().describe('Longest run of one attempt, in milliseconds.'),
  attempts: z.int().describe('How often a job is tried at most.'),
  status: engineStatusSchema
    .nullable()
    .describe('What does it now, and why; `engine` is null where nothing can. Null while the queue cannot be asked.'),
});
export type TaskInfo = z.infer<typeof taskInfoSchema>;
export const taskListSchema = z.object({ tasks: z.array(taskInfoSchema) });

/** A model as `GET /models` tells it: null where no worker has told it. */
export const modelInfoSchema = z.object({
  task: z.string(),
  id: z.string().describe('`<org>/<name>`'),
  revision: z.string().nullable(),
  dtype: dtypeSchema.nullable(),
  device: deviceSchema.nullable(),
  deviceReason: z.string().nullable(),
  state: z.enum(modelStates).nullable(),
  reason: z.string().describe("One sentence: where it came from, how far it is, or why it can't be had."),
  ratio: z.number().min(0).max(1).optional().describe('Share of the download that is done.'),
});
export type ModelInfo = z.infer<typeof modelInfoSchema>;
export const modelListSchema = z.object({ models: z.array(modelInfoSchema) });

/** All that the definition says; what is so now is the gateway's to add. */
export function describeTask(name: TaskName): Omit<TaskInfo, 'status'> {
  const { title, input, options, output, upload, engines, timeoutMs, attempts }: TaskDefinition = tasks[name];
  return {
    name,
    title,
    input: toJsonSchema(input),
    options: toJsonSchema(options),
    output: toJsonSchema(output),
    ...(upload && { upload }),
    engines: [...engines],
    timeLimitMs: timeoutMs,
    attempts,
  };
}

/**
 * As one may send it: fields with a default may be left out. For what is received it says what is sure to be there and
 * leaves room for fields that come later.
 */
export function toJsonSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: 'input' });
}

/** The first example of a task's input, with one of its options: what to send, as the definition shows it. */
export function exampleOf(name: TaskName): { task: TaskName; input: unknown; options?: unknown } | undefined {
  const { input, options }: TaskDefinition = tasks[name];
  const [inputExample] = examplesOf(input);
  const [optionsExample] = examplesOf(options);
  if (inputExample === undefined) return undefined;
  return { task: name, input: inputExample, ...(optionsExample !== undefined && { options: optionsExample }) };
}

function examplesOf(schema: z.ZodType): unknown[] {
  const examples = schema.meta()?.examples;
  return Array.isArray(examples) ? examples : [];
}
