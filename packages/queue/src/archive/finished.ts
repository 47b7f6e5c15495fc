import type { ArchivedJob } from '@slipway/contract/archive';
import { taskOfJobId } from '@slipway/contract/jobs';
import { type TaskName, taskNames } from '@slipway/contract/tasks';
import type { OpenQueues, Queues } from '../queues.ts';
import { defineScript } from '../script.ts';
import { archivedField, cursorsKey } from './keys.ts';
import { readForArchive } from './read-job.ts';

/**
 * How far behind its cursor a look begins, in milliseconds: jobs that end at the same time are written one after the other,
 * and clocks of several workers differ.
 */
const overlapMs = 60_000;
const pageSize = 500;
/** An output may have hundreds of kilobytes. */
const readAtOnce = 20;

/** Jobs that have ended and are in no file of the archive yet. */
export interface FinishedBatch {
  jobs: ArchivedJob[];
  /** To be kept once they are in the archive. */
  cursors: Record<string, number>;
  /** Whether more of them wait than fit. */
  isFull: boolean;
}

/** At most about `maxBytes` of them, as JSON, oldest first in each task. Throws CodedError `queue_unavailable`. */
export async function readFinished(queues: Queues, maxBytes: number): Promise<FinishedBatch> {
  const batch: FinishedBatch = { jobs: [], cursors: {}, isFull: false };
  const known = await queues.use(({ redis, prefix }) => redis.hgetall(cursorsKey(prefix)));
  let bytes = 0;
  for (const task of taskNames)
    for (const ending of ['completed', 'failed'] as const) {
      const name = `${task}:${ending}`;
      const cursor = Number(known[name] ?? 0);
      // one that lies ahead is of a clock that was set back since: what ended then may lie before it
      let place: Place | undefined = { from: cursor > Date.now() ? '-inf' : String(cursor - overlapMs), offset: 0 };
      while (place) {
        const at: Place = place;
        const page = await queues.use((open) => newOnes(open, task, ending, at));
        for (let i = 0; i < page.ids.length; i += readAtOnce) {
          const some = page.ids.slice(i, i + readAtOnce);
          const jobs = await queues.use((open) => Promise.all(some.map(({ id }) => readForArchive(open, task, id))));
          for (const [n, job] of jobs.entries()) {
            if (bytes >= maxBytes) return { ...batch, isFull: true };
            if (!job) continue;
            batch.jobs.push(job);
            bytes += JSON.stringify(job).length;
            batch.cursors[name] = some[n]?.finishedOn ?? 0;
          }
        }
        place = page.next;
      }
    }
  return batch;
}

/** A time, and how many of those that ended in that millisecond were seen: others may go from the front meanwhile. */
interface Place {
  from: string;
  offset: number;
}

async function newOnes({ redis, key }: OpenQueues, task: TaskName, ending: 'completed' | 'failed', at: Place) {
  const { from, offset } = at;
  const entries = await redis.zrangebyscore(key(task, ending), from, '+inf', 'WITHSCORES', 'LIMIT', offset, pageSize);
  const pipeline = redis.pipeline();
  const all = entries.flatMap((id, i) => (i % 2 === 0 ? [{ id, finishedOn: Number(entries[i + 1]) }] : []));
  for (const { id } of all) pipeline.hget(key(task, id), archivedField);
  const replies = (await pipeline.exec()) ?? [];
  const ids = all.filter((_, i) => replies[i]?.[1] === null);
  const last = all.at(-1)?.finishedOn;
  if (all.length < pageSize || last === undefined) return { ids, next: undefined };
  const seen = all.filter(({ finishedOn }) => finishedOn === last).length;
  const isSame = Number(from) === last;
  return { ids, next: { from: String(last), offset: isSame ? offset + seen : seen } };
}

/** Only of a job that is there: a field alone would make a job of nothing. */
const markScript = defineScript<number>(
  'slipwayMarkArchived',
  `return redis.call('EXISTS', KEYS[1]) == 1 and redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])`,
);

/** Keeps that the jobs of a batch are in the archive, each with its file. Throws CodedError `queue_unavailable`. */
export async function markArchived(
  queues: Queues,
  { jobs, cursors }: FinishedBatch,
  fileOf: (id: string) => string,
): Promise<void> {
  await queues.use(async ({ redis, prefix, key }) => {
    await Promise.all(
      jobs.map(({ id }) => {
        const task = taskOfJobId(id);
        return task && markScript.run(redis, [key(task, id)], archivedField, fileOf(id));
      }),
    );
    if (Object.keys(cursors).length > 0) await redis.hset(cursorsKey(prefix), cursors);
  });
}

/** The archive is gone, or is another one: everything has to go there anew. Throws CodedError `queue_unavailable`. */
export async function forgetArchived(queues: Queues): Promise<void> {
  for (const task of taskNames)
    for (const ending of ['completed', 'failed'] as const)
      await queues.use(async ({ redis, key }) => {
        const ids = await redis.zrange(key(task, ending), 0, '-1');
        for (let i = 0; i < ids.length; i += pageSize) {
          const pipeline = redis.pipeline();
          for (const id of ids.slice(i, i + pageSize)) pipeline.hdel(key(task, id), archivedField);
          await pipeline.exec();
        }
      });
  await queues.use(({ redis, prefix }) => redis.del(cursorsKey(prefix)));
}
