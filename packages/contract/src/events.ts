import { z } from 'zod';
import { jobSchema, jobStateSchema, progressSchema } from './jobs.ts';

/** What is told while a job runs. */
export const jobEventSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('state'),
    state: jobStateSchema,
    position: z.int().optional().describe('Place in line of a job that waits, 1 is next.'),
    attempt: z.int().optional().describe('Which attempt runs, 1 is the first.'),
  }),
  z.object({ type: z.literal('progress'), ...progressSchema.shape }),
  z.object({
    type: z.literal('output'),
    text: z
      .string()
      .describe(
        'To be appended to what came before it since the last `state`: an attempt that fails and runs again begins anew.',
      ),
  }),
  z.object({
    type: z.literal('log'),
    line: z.string().describe('A sentence about what is being done, for the one who handed in the job.'),
  }),
]);
export type JobEvent = z.infer<typeof jobEventSchema>;

/** The last event of `GET /jobs/{id}/events`: the job with its output or error. */
export const doneEventSchema = z.object({ type: z.literal('done'), job: jobSchema });

/**
 * What comes as server-sent events: `event` is the type, `data` the whole event as JSON, `id` what to resume after with
 * `Last-Event-ID`. A `state` about a job that waits has no id.
 */
export const streamEventSchema = z.discriminatedUnion('type', [...jobEventSchema.options, doneEventSchema]);

/** The id of `done`: a client that comes back with it has had everything and gets 204. */
export const doneEventId = 'end';
