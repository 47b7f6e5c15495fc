import { z } from 'zod';
import { engineNameSchema } from './engines.ts';
import { prioritySchema } from './jobs.ts';
import { webhookSchema } from './webhooks.ts';

/**
 * What gateway and worker hand each other through the queue. Records outlive deploys: a field added later must be
 * optional for as long as jobs without it may lie in somebody's Redis.
 */
export const payloadSchema = z.object({ input: z.unknown(), options: z.unknown() });
export type Payload = z.infer<typeof payloadSchema>;

/** What the caller said about the job besides its input. Kept apart from it, because every look at a job reads this. */
export const termsSchema = z.object({
  /** Milliseconds since 1970. */
  deadline: z.number().optional(),
  /** Longest run of one attempt, in milliseconds. */
  timeLimitMs: z.number().optional(),
  priority: prioritySchema.optional(),
  tags: z.array(z.string()).optional(),
  /** The name of the key that it was submitted with; none where the API is open. */
  owner: z.string().optional(),
  retryOf: z.string().optional(),
  /** Characters in all texts of the input: what run times are measured by. */
  inputLength: z.number().optional(),
  webhook: webhookSchema.optional(),
});
export type Terms = z.infer<typeof termsSchema>;

/** What a job gives back: the output, and what made it. */
export const resultSchema = z.object({
  output: z.unknown(),
  engine: engineNameSchema,
  engineReason: z.string(),
  model: z.string().nullable(),
  /** Milliseconds; null, or missing on jobs of before 0.2, where no text came before the end. */
  firstTokenMs: z.number().nullish(),
  inputTokens: z.number().nullable(),
  outputTokens: z.number().nullable(),
});
export type Result = z.infer<typeof resultSchema>;
