import { z } from 'zod';
import { engineNameSchema } from './engines.ts';
import { jobErrorSchema } from './problems.ts';
import { isTaskName, type TaskName, type TaskOutput } from './tasks.ts';

export const jobStates = ['queued', 'running', 'succeeded', 'failed', 'canceled', 'expired'] as const;
export const jobStateSchema = z.enum(jobStates);
export type JobState = z.infer<typeof jobStateSchema>;

/** States in which nothing more happens to a job. */
export const endStates: ReadonlySet<JobState> = new Set(['succeeded', 'failed', 'canceled', 'expired']);

/** Jobs of a higher priority go first, but none waits for ever: see packages/queue/src/priority.ts. */
export const priorities = ['low', 'normal', 'high'] as const;
export const prioritySchema = z.enum(priorities);
export type Priority = z.infer<typeof prioritySchema>;

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

export const estimateSchema = z
  .object({ startsAt: isoTime, endsAt: isoTime })
  .describe('When it is likely to start and to end, from the run times of jobs like it and of those before it.');
export type Estimate = z.infer<typeof estimateSchema>;

/** A job as it is on the wire. Times are ISO 8601 in UTC. */
export const jobSchema = z.object({
  id: z.string(),
  task: z.string(),
  state: jobStateSchema,
  position: z.int().min(1).optional().describe("Place in its task's queue while it waits: 1 is next."),
  estimate: estimateSchema.optional().describe('There while it waits or runs, once jobs like it have been measured.'),
  priority: prioritySchema,
  tags: z.array(z.string()).describe('As the caller gave them.'),
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
  expiresAt: isoTime.nullable().describe('Until when it can be read at least; null until it has ended.'),
  retryOf: z.string().nullable().describe('The job of which this one is a retry.'),
  erasedAt: isoTime.nullable().describe('When input and output were erased on demand.'),
  urls: z.object({
    self: z.string(),
    events: z.string(),
    result: z.string(),
    cancel: z.string(),
    retry: z.string(),
  }),
});

type JobOnWire = z.infer<typeof jobSchema>;
/** A job, its output typed by its task. */
export type Job<T extends TaskName = TaskName> = Omit<JobOnWire, 'output'> & { output?: TaskOutput<T> };

const jobIdPattern = /^([a-z][a-z0-9-]*)_([A-Za-z0-9_-]{22})$/;

const idBytes = 16;
let pool = new Uint8Array(0);

/** Drawn for many ids at once: each call of the generator costs as much as the rest of an id. */
function randomBytes(): Uint8Array {
  if (pool.length < idBytes) pool = crypto.getRandomValues(new Uint8Array(128 * idBytes));
  const bytes = pool.subarray(0, idBytes);
  pool = pool.subarray(idBytes);
  return bytes;
}

/** A new unguessable id: the task's name (which names the queue that holds it) and 128 random bits. */
export function newJobId(task: TaskName): string {
  const random = btoa(String.fromCharCode(...randomBytes()));
  return `${task}_${random.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')}`;
}

/** The task whose queue holds this id, or undefined where no job can have such an id. */
export function taskOfJobId(id: string): TaskName | undefined {
  const name = jobIdPattern.exec(id)?.[1];
  return isTaskName(name) ? name : undefined;
}
