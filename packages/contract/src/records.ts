import { z } from 'zod';
import { engineNameSchema } from './engines.ts';

/**
 * What gateway and worker hand each other through the queue. Records outlive deploys: a field added later must be
 * optional for as long as jobs without it may lie in somebody's Redis.
 */
export const payloadSchema = z.object({ input: z.unknown(), options: z.unknown() });
export type Payload = z.infer<typeof payloadSchema>;

/** What a job gives back: the output, and what made it. */
export const resultSchema = z.object({
  output: z.unknown(),
  engine: engineNameSchema,
  engineReason: z.string(),
  model: z.string().nullable(),
  inputTokens: z.number().nullable(),
  outputTokens: z.number().nullable(),
});
export type Result = z.infer<typeof resultSchema>;
