import type { ArchivedJob } from '@slipway/contract/archive';
import { payloadSchema, resultSchema } from '@slipway/contract/records';
import type { TaskName } from '@slipway/contract/tasks';
import { allJobsKey, excerptField, searchField } from '../index-of-jobs.ts';
import { erasedField, parseTerms, termsField } from '../inspect.ts';
import { keptInputBytes, withoutInput } from '../kept-input.ts';
import type { OpenQueues } from '../queues.ts';
import { lostField } from './keys.ts';

const fields = [
  'data',
  'timestamp',
  'processedOn',
  'finishedOn',
  'returnvalue',
  'failedReason',
  'atm',
  'stc',
  termsField,
  searchField,
  excerptField,
  erasedField,
  lostField,
] as const;

/** The job as the archive keeps it; undefined where it has gone or is none that this version can read. */
export async function readForArchive(
  open: OpenQueues,
  task: TaskName,
  id: string,
  isWaiting = false,
): Promise<ArchivedJob | undefined> {
  const { redis, prefix, key } = open;
  const [values, score] = await Promise.all([
    redis.hmget(key(task, id), ...fields),
    redis.zscore(allJobsKey(prefix), id),
  ]);
  const [data, timestamp, processedOn, finishedOn, returned, failed, atm, stc, terms, search, excerpt, erased, lost] =
    values;
  if (data == null || timestamp == null) return undefined;
  // one that waits again was handed back or its attempt has ended and is counted, unless a container was lost with it
  const began = isWaiting && processedOn != null ? null : (processedOn ?? lost);
  const finishedAt = finishedOn == null ? null : Number(finishedOn);
  const payload = payloadSchema.safeParse(JSON.parse(data)).data;
  if (!payload) return undefined;
  // of one that has just ended a large input may still be there
  const isTooLarge = finishedAt !== null && data.length > keptInputBytes;
  const { input, options } = isTooLarge ? { ...payload, ...withoutInput(payload) } : payload;
  // BullMQ leaves the failure of an earlier attempt on a job that succeeded, so the result decides
  const result =
    finishedAt !== null && returned != null ? resultSchema.safeParse(JSON.parse(returned)).data : undefined;
  const { webhook, ...bareTerms } = parseTerms(terms);
  return {
    type: 'job',
    id,
    input,
    options,
    // that of an erased job may stay here until it is told, and goes nowhere else
    terms: { ...bareTerms, ...(webhook && erased == null && { webhook }) },
    createdAt: Number(timestamp),
    submittedAt: Number(score ?? timestamp),
    startedAt: began == null ? null : Number(began),
    finishedAt,
    ...(result && { result }),
    ...(finishedAt !== null && !result && { failure: failed ?? '' }),
    attempts: Number(atm ?? 0),
    stalls: Number(stc ?? 0),
    ...(search != null && { search }),
    ...(excerpt != null && { excerpt }),
    ...(erased != null && { erasedAt: Number(erased) }),
  };
}
