import { z } from 'zod';
import { jobSchema, prioritySchema } from './jobs.ts';
import { problemSchema } from './problems.ts';
import { webhookSchema } from './webhooks.ts';

export const tagsSchema = z
  .array(z.string().regex(/^[\p{L}\p{N}_.:/@+-]{1,64}$/u, 'must be 1 to 64 letters, digits or any of _ . : / @ + -'))
  .max(10);

/**
 * The envelope of `POST /jobs`. `input` and `options` are parsed by the task's own schemas afterwards, so that their
 * faults can be named with full pointers.
 */
export const submitSchema = z.strictObject({
  task: z.string(),
  input: z.unknown().refine((input) => input !== undefined, 'is required'),
  options: z.unknown().optional(),
  deadline: z.iso
    .datetime({ offset: true, error: 'must be a time as 2030-01-31T12:00:00Z' })
    .meta({
      description: 'In the future. The job ends as `expired` if it is not done by then, waiting or running.',
      pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?(Z|[+-]\\d\\d:\\d\\d)$',
    })
    .optional(),
  timeLimitMs: z
    .int()
    .min(1)
    .optional()
    .describe("Longest run of one attempt, in milliseconds; the task's own limit holds besides."),
  priority: prioritySchema
    .optional()
    .describe(
      '`normal` by default. `high` goes before jobs that came up to a minute earlier, `low` waits up to five more.',
    ),
  tags: tagsSchema.optional().describe('Words to find the job by, at most 10.'),
  webhook: webhookSchema.optional().describe('Where to tell what becomes of the job.'),
});

/** Most jobs of one `POST /jobs/batch`. */
export const mostInBatch = 100;
/** The body of `POST /jobs/batch`: each item is a submission and is judged by itself. */
export const batchSchema = z.strictObject({
  jobs: z.array(z.unknown()).min(1).max(mostInBatch),
});
export const batchAnswerSchema = z.object({
  jobs: z
    .array(z.union([z.object({ job: jobSchema }), z.object({ problem: problemSchema })]))
    .describe('In the order of the submissions: the job, or why there is none.'),
});

/** The body of `POST /jobs/{id}/retry`, which may be left out: what is not given is taken from the first job. */
export const retrySchema = z.strictObject({ input: z.unknown().optional(), options: z.unknown().optional() });
