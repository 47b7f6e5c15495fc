import { jobCancelPath, jobEventsPath, jobPath, jobResultPath } from '@slipway/contract/http';
import { type Job, type JobState, type Progress, progressSchema, taskOfJobId } from '@slipway/contract/jobs';
import { CodedError, type JobError } from '@slipway/contract/problems';
import { type Result, resultSchema, type Terms, termsSchema } from '@slipway/contract/records';
import type { TaskName } from '@slipway/contract/tasks';
import { endStateOf, parseFailure } from './failure.ts';
import type { OpenQueues, Queues } from './queues.ts';
import { termsField } from './submit.ts';

/** The fields of BullMQ's job hash that a status needs. Never `data`: it holds the input, which may be megabytes. */
const fields = [
  'timestamp',
  'processedOn',
  'finishedOn',
  'progress',
  'returnvalue',
  'failedReason',
  'atm', // attempts made: raised when an attempt ends
  'stc', // how often the job stalled: attempts that never ended
  termsField,
] as const;
type Fields = Partial<Record<(typeof fields)[number], string>>;

/** Where a job stands in the queue's structures. */
interface Place {
  active: boolean;
  /** Jobs ahead of it, 0 for the next one; undefined where it is not in line: running, ended, or waiting for its model. */
  ahead: number | undefined;
}

/** The job as it is now, read in one round trip. Throws CodedError `job_not_found` or `queue_unavailable`. */
export async function getJob(queues: Queues, id: string): Promise<Job> {
  const task = taskOfJobId(id);
  const found = task && (await queues.use((open) => readJob(open, task, id)));
  if (!found) throw new CodedError('job_not_found', 'There is no such job. It may have been removed after its time.');
  return toJob(id, task, found.fields, found.place);
}

async function readJob({ redis, key }: OpenQueues, task: TaskName, id: string) {
  // MULTI, so that a job that moves between two reads is never seen in no place or in two
  const replies = await redis
    .multi()
    .hmget(key(task, id), ...fields)
    .lpos(key(task, 'active'), id)
    .lpos(key(task, 'wait'), id)
    .zrank(key(task, 'prioritized'), id)
    .llen(key(task, 'wait'))
    .exec();
  const [values, active, inWait, inPrioritized, waiting] = (replies ?? []).map(([error, reply]) => {
    if (error) throw error;
    return reply;
  }) as [(string | null)[], number | null, number | null, number | null, number];
  if (values.every((value) => value === null)) return undefined;

  const entries = fields.map((field, i) => [field, values[i] ?? undefined]);
  // Jobs given back after a stall lie in the `wait` list, which BullMQ empties first, from its tail.
  const behindWaiting = inPrioritized === null ? undefined : waiting + inPrioritized;
  const ahead = inWait === null ? behindWaiting : waiting - 1 - inWait;
  return { fields: Object.fromEntries(entries) as Fields, place: { active: active !== null, ahead } };
}

function toJob(id: string, task: TaskName, fields: Fields, place: Place): Job {
  // BullMQ leaves the failure of an earlier attempt on a job that succeeded, so the result decides
  const result = fields.finishedOn === undefined ? undefined : parseResult(fields.returnvalue);
  const error = fields.finishedOn !== undefined && !result ? parseFailure(fields.failedReason ?? '') : undefined;
  const state = stateOf(fields, place, error);
  const created = Number(fields.timestamp);
  const started = state === 'queued' ? null : numberOrNull(fields.processedOn);
  const finished = numberOrNull(fields.finishedOn);
  const { deadline } = parseTerms(fields[termsField]);
  return {
    id,
    task,
    state,
    ...(state === 'queued' && place.ahead !== undefined && { position: place.ahead + 1 }),
    // that of a run that ended or was handed back tells nothing any more
    progress:
      state === 'running' || (state === 'queued' && place.ahead === undefined) ? parseProgress(fields.progress) : null,
    engine: result?.engine ?? null,
    engineReason: result?.engineReason ?? null,
    model: result?.model ?? null,
    ...(result && { output: result.output as Job['output'] }),
    ...(error && { error }),
    metrics: {
      queuedMs: started === null ? null : started - created,
      runMs: started === null || finished === null ? null : finished - started,
      firstTokenMs: result?.firstTokenMs ?? null,
      inputTokens: result?.inputTokens ?? null,
      outputTokens: result?.outputTokens ?? null,
    },
    attempts: Number(fields.atm ?? 0) + Number(fields.stc ?? 0) + (state === 'running' ? 1 : 0),
    createdAt: isoTime(created),
    startedAt: started === null ? null : isoTime(started),
    finishedAt: finished === null ? null : isoTime(finished),
    deadline: deadline === undefined ? null : isoTime(deadline),
    urls: { self: jobPath(id), events: jobEventsPath(id), result: jobResultPath(id), cancel: jobCancelPath(id) },
  };
}

function stateOf(fields: Fields, place: Place, error: JobError | undefined): JobState {
  if (fields.finishedOn !== undefined) return error ? endStateOf(error) : 'succeeded';
  return place.active ? 'running' : 'queued';
}

/** Undefined also for a result that an incompatible version left. */
function parseResult(json: string | undefined): Result | undefined {
  return json === undefined ? undefined : resultSchema.safeParse(JSON.parse(json)).data;
}

function parseTerms(json: string | undefined): Terms {
  return json === undefined ? {} : (termsSchema.safeParse(JSON.parse(json)).data ?? {});
}

/** BullMQ writes 0 where no progress was reported. */
function parseProgress(json: string | undefined): Progress | null {
  const parsed = progressSchema.safeParse(json === undefined ? null : JSON.parse(json));
  return parsed.success ? parsed.data : null;
}

const numberOrNull = (value: string | undefined) => (value === undefined ? null : Number(value));
const isoTime = (ms: number) => new Date(ms).toISOString();
