import { z } from 'zod';
import { engineNameSchema } from './engines.ts';
import { jobErrorSchema } from './problems.ts';
import { isTaskName, type TaskName, type TaskOutput } from './tasks.ts';

export const jobStates = ['queued', 'running', 'succeeded', 'failed', 'canceled', 'expired'] as const;
export const jobStateSchema = z.enum(jobStates);
export type JobState = z.infer<typeof jobStateSchema>;

/** States in which nothing more happens to a job. */
export const endStates: ReadonlySet<JobState> = new Set(['succeeded', 'failed', 'canceled', 'expired']);

/** How far a running job is: `ratio` of the expected work done (0..1), the stage's name, a sentence for people. */
export const progressSchema = z.object({
  ratio: z.number().min(0).max(1),
  stage: z.string(),
  message: z.string(),
});
export type Progress = z.infer<typeof progressSchema>;

/** What was measured: times in milliseconds, lengths in tokens of the model (words for the extractive engine). */
export const metricsSchema = z.object({
  queuedMs: z.number().nullable(),
  runMs: z.number().nullable(),
  inputTokens: z.number().nullable(),
  outputTokens: z.number().nullable(),
});

const isoTime = z.iso.datetime();

/** A job as it is on the wire. Times are ISO 8601 in UTC. */
export const jobSchema = z.object({
  id: z.string(),
  task: z.string(),
  state: jobStateSchema,
  /** Place in its task's queue while it waits: 1 is next. */
  position: z.int().min(1).optional(),
  progress: progressSchema.nullable(),
  /** What made the output, and why this engine did. Null until known. */
  engine: engineNameSchema.nullable(),
  engineReason: z.string().nullable(),
  /** `<org>/<name>` of the model; null for the extractive engine, which has none. */
  model: z.string().nullable(),
  output: z.unknown().optional(),
  error: jobErrorSchema.optional(),
  metrics: metricsSchema,
  attempts: z.int(),
  createdAt: isoTime,
  startedAt: isoTime.nullable(),
  finishedAt: isoTime.nullable(),
  urls: z.object({ self: z.string() }),
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
