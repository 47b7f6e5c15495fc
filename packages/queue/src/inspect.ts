import { jobCancelPath, jobEventsPath, jobPath, jobResultPath, jobRetryPath } from '@slipway/contract/http';
import { type Job, type JobState, type Progress, progressSchema, taskOfJobId } from '@slipway/contract/jobs';
import { CodedError, type JobError } from '@slipway/contract/problems';
import { type Result, resultSchema, type Terms, termsSchema } from '@slipway/contract/records';
import type { TaskName } from '@slipway/contract/tasks';
import type { Estimator } from './estimate/estimator.ts';
import { endStateOf, parseFailure } from './failure.ts';
import type { OpenQueues, Queues } from './queues.ts';
import { defineScript } from './script.ts';
import { waitingStage } from './work.ts';

/** The field of the job's hash that holds its terms as JSON. */
export const termsField = 'slipway:terms';
/** When it was erased, in milliseconds since 1970. */
export const erasedField = 'slipway:erased';

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
  erasedField,
] as const;
type Fields = Partial<Record<(typeof fields)[number], string>>;

/** Where a job stands in the queue's structures. */
interface Place {
  active: boolean;
  /** Jobs ahead of it, 0 for the next one; undefined where it is not in line: running, ended, or waiting for its model. */
  ahead: number | undefined;
}

export interface ViewOptions {
  /** Only a job of this owner is found: the name of a key, or null for those that were made without. Undefined: any. */
  owner?: string | null | undefined;
  /** Without it no estimate is given. */
  estimator?: Estimator | undefined;
}

type Reply = [values: (string | null)[], active: number | null, ahead: number | null];

/** In one step, so that a job that moves between two reads is never seen in no place or in two. It writes nothing. */
const readScript = defineScript<Reply>(
  'slipwayRead',
  `
local job, active, wait, prioritized = unpack(KEYS)
local id = ARGV[1]
local values = redis.call('HMGET', job, unpack(ARGV, 2))
if values[3] then return { values, false, false } end
if redis.call('LPOS', active, id) then return { values, 1, false } end
local waiting = redis.call('LLEN', wait)
local rank = redis.call('ZRANK', prioritized, id)
if rank then return { values, false, waiting + rank } end
-- jobs given back after a stall lie in the list 'wait', which BullMQ empties first, from its tail
local place = redis.call('LPOS', wait, id)
if place then return { values, false, waiting - 1 - place } end
return { values, false, false }
`,
);

/** The job as it is now, read in one round trip. Throws CodedError `job_not_found` or `queue_unavailable`. */
export async function getJob(queues: Queues, id: string, options: ViewOptions = {}): Promise<Job> {
  const task = taskOfJobId(id);
  await options.estimator?.ready();
  const job = task && (await queues.use((open) => readJob(open, task, id, options)));
  if (!job) throw notFound();
  return job;
}

async function readJob(open: OpenQueues, task: TaskName, id: string, options: ViewOptions): Promise<Job | undefined> {
  const { redis, key } = open;
  const keys = [id, 'active', 'wait', 'prioritized'].map((suffix) => key(task, suffix));
  const [values, active, ahead] = await readScript.run(redis, keys, id, ...fields);
  const entries = fields.map((field, i) => [field, values[i] ?? undefined]);
  const found = Object.fromEntries(entries) as Fields;
  if (found.timestamp === undefined) return undefined;
  return toJob(open, id, task, found, { active: active !== null, ahead: ahead ?? undefined }, options);
}

/** The job on the wire from what Redis holds of it. */
export function toJob(
  { jobTtlSeconds }: Pick<OpenQueues, 'jobTtlSeconds'>,
  id: string,
  task: TaskName,
  fields: Fields,
  place: Place,
  { owner, estimator }: ViewOptions,
): Job {
  const terms = parseTerms(fields[termsField]);
  // another's job is as good as none: whoever guesses an id must not learn that it is one
  if (owner !== undefined && owner !== (terms.owner ?? null)) throw notFound();
  // BullMQ leaves the failure of an earlier attempt on a job that succeeded, so the result decides
  const result = fields.finishedOn === undefined ? undefined : parseResult(fields.returnvalue);
  const erasedAt = numberOrNull(fields[erasedField]);
  const error = fields.finishedOn !== undefined && !result ? parseFailure(fields.failedReason ?? '') : undefined;
  const state = stateOf(fields, place, error);
  const created = Number(fields.timestamp);
  const started = state === 'queued' ? null : numberOrNull(fields.processedOn);
  const finished = numberOrNull(fields.finishedOn);
  const progress = parseProgress(fields.progress);
  const estimate = estimateOf(estimator, { id, task, terms, state, place, started });
  return {
    id,
    task,
    state,
    ...(state === 'queued' && place.ahead !== undefined && { position: place.ahead + 1 }),
    ...(estimate && { estimate }),
    priority: terms.priority ?? 'normal',
    tags: terms.tags ?? [],
    // that of a run that ended or was handed back tells nothing any more
    progress: state === 'running' || (state === 'queued' && progress?.stage === waitingStage) ? progress : null,
    engine: result?.engine ?? null,
    engineReason: result?.engineReason ?? null,
    model: result?.model ?? null,
    ...(result && erasedAt === null && { output: result.output as Job['output'] }),
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
    startedAt: isoTimeOrNull(started),
    finishedAt: isoTimeOrNull(finished),
    deadline: isoTimeOrNull(terms.deadline ?? null),
    expiresAt: isoTimeOrNull(finished === null ? null : finished + jobTtlSeconds * 1_000),
    retryOf: terms.retryOf ?? null,
    erasedAt: isoTimeOrNull(erasedAt),
    urls: {
      self: jobPath(id),
      events: jobEventsPath(id),
      result: jobResultPath(id),
      cancel: jobCancelPath(id),
      retry: jobRetryPath(id),
    },
  };
}

interface Estimated {
  id: string;
  task: TaskName;
  terms: Terms;
  state: JobState;
  place: Place;
  started: number | null;
}

function estimateOf(estimator: Estimator | undefined, { id, task, terms, state, place, started }: Estimated) {
  if (!estimator || !(state === 'running' || (state === 'queued' && place.ahead !== undefined))) return undefined;
  const times = estimator.estimate({
    id,
    task,
    ...(terms.inputLength !== undefined && { inputLength: terms.inputLength }),
    ahead: place.ahead ?? 0,
    state,
    ...(started !== null && { startedAtMs: started }),
    nowMs: Date.now(),
  });
  return times && { startsAt: isoTime(times.startsAtMs), endsAt: isoTime(times.endsAtMs) };
}

function stateOf(fields: Fields, place: Place, error: JobError | undefined): JobState {
  if (fields.finishedOn !== undefined) return error ? endStateOf(error) : 'succeeded';
  return place.active ? 'running' : 'queued';
}

/** Undefined also for a result that an incompatible version left. */
function parseResult(json: string | undefined): Result | undefined {
  return json === undefined ? undefined : resultSchema.safeParse(JSON.parse(json)).data;
}

export function parseTerms(json: string | null | undefined): Terms {
  return json ? (termsSchema.safeParse(JSON.parse(json)).data ?? {}) : {};
}

/** BullMQ writes 0 where no progress was reported. */
function parseProgress(json: string | undefined): Progress | null {
  const parsed = progressSchema.safeParse(json === undefined ? null : JSON.parse(json));
  return parsed.success ? parsed.data : null;
}

function notFound(): CodedError {
  return new CodedError('job_not_found', 'There is no such job. It may have been removed after its time.');
}

const numberOrNull = (value: string | undefined) => (value === undefined ? null : Number(value));
const isoTime = (ms: number) => new Date(ms).toISOString();
const isoTimeOrNull = (ms: number | null) => (ms === null ? null : isoTime(ms));
