import { z } from 'zod';
import { engineNameSchema } from './engines.ts';
import { jobErrorSchema } from './problems.ts';
import { isTaskName, type TaskName, type TaskOutput } from './tasks.ts';

export const jobStates = ['queued', 'running', 'succeeded', 'failed', 'canceled', 'expired'] as const;
export const jobStateSchema = z.enum(jobStates);
export type JobState = z.infer<typeof jobStateSchema>;

/** States in which nothing more happens to a job. */
export const endStates: ReadonlySet<JobState> = new Set(['succeeded', 'failed', 'canceled', 'expired']);

/** How far a running job is. */
export const progressSchema = z.object({
  ratio: z.number().min(0).max(1).describe('Share of the expected work that is done.'),
  stage: z.string(),
  message: z.string().describe('A sentence for people.'),
});
export type Progress = z.infer<typeof progressSchema>;

export const metricsSchema = z
  .object({
    queuedMs: z.number().nullable(),
    runMs: z.number().nullable(),
    firstTokenMs: z
      .number()
      .nullable()
      .describe('From the start of the run to the first text; null for what gives none before its end.'),
    inputTokens: z.number().nullable(),
    outputTokens: z.number().nullable(),
  })
  .describe('What was measured: milliseconds, and tokens of the model (words for the extractive engine).');

// the patterns are zod's own, put shortly for people who read the reference
const isoTime = z.iso.datetime().meta({ pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z$' });

/** A job as it is on the wire. Times are ISO 8601 in UTC. */
export const jobSchema = z.object({
  id: z.string(),
  task: z.string(),
  state: jobStateSchema,
  position: z.int().min(1).optional().describe("Place in its task's queue while it waits: 1 is next."),
  progress: progressSchema.nullable(),
  engine: engineNameSchema.nullable().describe('What made the output. Null until known.'),
  engineReason: z.string().nullable().describe('Why this engine did.'),
  model: z.string().nullable().describe('`<org>/<name>` of the model; null for an engine that has none.'),
  output: z.unknown().optional().describe('There once the job has succeeded.'),
  error: jobErrorSchema.optional().describe('Why there is no output, once the job has ended without.'),
  metrics: metricsSchema,
  attempts: z.int().describe('How often it was begun.'),
  createdAt: isoTime,
  startedAt: isoTime.nullable(),
  finishedAt: isoTime.nullable(),
  deadline: isoTime.nullable().describe('When the job ends unless it is done; null where the caller set none.'),
  urls: z.object({ self: z.string(), events: z.string(), result: z.string(), cancel: z.string() }),
});

type JobOnWire = z.infer<typeof jobSchema>;
/** A job, its output typed by its task. */
export type Job<T extends TaskName = TaskName> = Omit<JobOnWire, 'output'> & { output?: TaskOutput<T> };

/**
 * The envelope of `POST /jobs`. `input` and `options` are parsed by the task's own schemas afterwards, so that their
 * faults can be named with full pointers.
 */
export const submitSchema = z.strictObject({
  task: z.string({ error: (issue) => (issue.input === undefined ? 'is required' : 'must be a string') }),
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
    .int('must be a whole number')
    .min(1, 'must be at least 1')
    .optional()
    .describe("Longest run of one attempt, in milliseconds; the task's own limit holds besides."),
});

const jobIdPattern = /^([a-z][a-z0-9-]*)_([A-Za-z0-9_-]{22})$/;

/** A new unguessable id: the task's name (which names the queue that holds it) and 128 random bits. */
export function newJobId(task: TaskName): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const random = btoa(String.fromCharCode(...bytes));
  return `${task}_${random.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')}`;
}

/** The task whose queue holds this id, or undefined where no job can have such an id. */
export function taskOfJobId(id: string): TaskName | undefined {
  const name = jobIdPattern.exec(id)?.[1];
  return isTaskName(name) ? name : undefined;
}
