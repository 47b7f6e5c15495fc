import { z } from 'zod';
import { jobSchema, jobStateSchema } from './jobs.ts';

/** What `GET /jobs` can be asked for. All of it is text, as it comes in a query. */
export const listQuerySchema = z.strictObject({
  state: jobStateSchema.optional(),
  task: z.string().optional(),
  tag: z.string().optional(),
  q: z.string().min(1).max(200).optional().describe('Words of the id, the tags or the beginning of the input.'),
  from: isoQueryTime('Made at this time or later.'),
  to: isoQueryTime('Made before this time.'),
  cursor: z.string().max(200).optional().describe('`nextCursor` of the page before.'),
  limit: z.coerce.number().int().min(1).max(100).default(20),
});
export type ListQuery = z.infer<typeof listQuerySchema>;

/** A job in a list: without its output. */
export const listedJobSchema = jobSchema.omit({ output: true }).extend({
  excerpt: z.string().nullable().describe('The beginning of the input; null where it is no text or was erased.'),
});
export type ListedJob = z.infer<typeof listedJobSchema>;
export const jobListSchema = z.object({
  jobs: z
    .array(listedJobSchema)
    .describe('Newest first. A search may bring fewer than asked for, even none, on a page.'),
  nextCursor: z.string().nullable().describe('Where to go on; null at the end.'),
});
export type JobList = z.infer<typeof jobListSchema>;

function isoQueryTime(description: string) {
  return z.iso
    .datetime({ offset: true, error: 'must be a time as 2030-01-31T12:00:00Z' })
    .optional()
    .describe(description);
}
