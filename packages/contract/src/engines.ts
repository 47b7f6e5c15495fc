import { z } from 'zod';

/**
 * What computes a result. `transformers` runs a neural model through transformers.js; `extractive` picks sentences of
 * the text itself; `builtin` is a task's own code. The last two need no model.
 */
export const engineNames = ['transformers', 'extractive', 'builtin'] as const;
export const engineNameSchema = z.enum(engineNames);
export type EngineName = z.infer<typeof engineNameSchema>;

/** What a job or an operator may ask for: `auto` takes transformers when its model is ready, else extractive. */
export const engineChoiceSchema = z.enum(['auto', 'transformers', 'extractive']);
export type EngineChoice = z.infer<typeof engineChoiceSchema>;

/** Number formats of model weights that transformers.js knows; each stands for a suffix of the ONNX file's name. */
export const dtypes = ['fp32', 'fp16', 'q8', 'int8', 'uint8', 'q4', 'q4f16', 'bnb4'] as const;
export const dtypeSchema = z.enum(dtypes);
export type Dtype = z.infer<typeof dtypeSchema>;

/** Where a model runs, and what an operator may ask for: `auto` takes a graphics card where there is one. */
export const deviceSchema = z.enum(['cpu', 'cuda']);
export type Device = z.infer<typeof deviceSchema>;
export const deviceChoiceSchema = z.enum(['auto', 'cpu', 'cuda']);
export type DeviceChoice = z.infer<typeof deviceChoiceSchema>;

/** A model id `<org>/<name>`. Checked because transformers.js takes other strings as paths on the disk. */
export const modelIdSchema = z
  .string()
  .regex(/^[\w-][\w.-]*\/[\w-][\w.-]*$/, 'must be <org>/<name>, of letters, digits, ".", "_" and "-"');

export const modelStates = ['pending', 'downloading', 'loading', 'ready', 'unavailable', 'disabled'] as const;

/** A model as the worker sees it now. */
export const modelStatusSchema = z.object({
  id: z.string(),
  revision: z.string(),
  dtype: dtypeSchema,
  device: deviceSchema,
  deviceReason: z.string(),
  state: z.enum(modelStates),
  reason: z.string().describe("One sentence: where it came from, how far it is, or why it can't be had."),
  ratio: z.number().min(0).max(1).optional().describe('Share of the download that is done.'),
});
export type ModelStatus = z.infer<typeof modelStatusSchema>;

/** Which engine answers `auto` jobs of a task now, and why. */
export const engineStatusSchema = z.object({
  engine: engineNameSchema.nullable(),
  reason: z.string(),
  model: modelStatusSchema.nullable(),
});
export type EngineStatus = z.infer<typeof engineStatusSchema>;
