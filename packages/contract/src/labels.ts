import { z } from 'zod';

/** Classes of a classifier with their probability, the most probable first. */
export const labelsSchema = z
  .array(z.object({ label: z.string(), score: z.number().min(0).max(1).describe('Probability, 0..1.') }))
  .describe('The most probable first.');
export type Labels = z.infer<typeof labelsSchema>;

export const topKSchema = z.int().min(1).max(1000).default(5).describe('How many labels are given back at most.');
