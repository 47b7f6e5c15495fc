import { taskNames } from '@slipway/contract/tasks';
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { erasedKey, stateKey } from './archive/keys.ts';
import { allJobsKey, anyJobKey, ownJobsKey } from './index-of-jobs.ts';
import { dropLargeInput } from './kept-input.ts';
import { readMemory } from './memory.ts';
import type { OpenQueues, Queues } from './queues.ts';
import { defineScript } from './script.ts';

/** How often one who calls `sweep` should, in milliseconds. */
export const sweepEveryMs = 60_000;
/** Jobs that are looked at in one step: a few milliseconds of Redis' one thread. */
const atOnce = 1_000;
const mostSteps = 200;
/** Inputs are looked at by so many steps a sweep; the next one goes on from there. */
const mostInputSteps = 20;
/** Above this share of what Redis may hold, inputs that were kept for a retry go. */
const tightShare = 0.5;
/** What is left of a payload without its input, and a little. */
const bareBytes = 512;
/** How long the archive may take to hear of an erasure, in milliseconds. */
const erasedKeptMs = 30 * 86_400_000;
/** How long jobs of a task that this version does not have wait for one that has it, at least, in milliseconds. */
const strangeKeptMs = 7 * 86_400_000;

export interface SweepOptions {
  /** Names of the keys whose jobs have an index of their own. */
  owners: string[];
  /** What Redis may hold, in bytes (MAX_QUEUE_BYTES). */
  maxBytes: number;
}

/**
 * Removes jobs whose time to be read is over, which BullMQ does only when another job of the same queue ends in the same
 * way, and their places in the indexes; where memory gets tight, the inputs of ended jobs, the oldest first. Gives the
 * names of tasks that have jobs and that this version does not have. Several processes may call it at the same time.
 * Throws CodedError `queue_unavailable`.
 */
export function sweep(queues: Queues, { owners, maxBytes }: SweepOptions): Promise<string[]> {
  return queues.use(async (open) => {
    const { prefix, queue, jobTtlSeconds } = open;
    for (const task of taskNames)
      for (const set of ['completed', 'failed'] as const) await queue(task).clean(jobTtlSeconds * 1_000, atOnce, set);
    const strange = await trim(open, allJobsKey(prefix));
    for (const task of strange) await cleanStrange(open, task);
    for (const owner of owners) await trim(open, ownJobsKey(prefix, owner));
    await dropOldInputs(open, maxBytes * tightShare);
    // where no courier archives, nobody asks for these; where one does, the Hub may be away for long
    const keptMs = (await open.redis.exists(stateKey(prefix))) === 1 ? erasedKeptMs : jobTtlSeconds * 1_000;
    await open.redis.zremrangebyscore(erasedKey(prefix), '-inf', Date.now() - keptMs);
    return strange;
  });
}

/**
 * Looks at a page of an index and takes out the ids of jobs that are gone. Gives how many it saw, how many went, and the
 * names of tasks that are not known.
 */
const trimScript = defineScript<[seen: number, gone: number, strange: string[]]>(
  'slipwayTrim',
  `
local ids = redis.call('ZRANGE', KEYS[1], ARGV[2], ARGV[2] + ARGV[3] - 1)
local known, gone, strange = {}, {}, {}
for i = 4, #ARGV do known[ARGV[i]] = true end
for _, id in ipairs(ids) do
  local task = string.match(id, '^(.+)_......................$') or ''
  if redis.call('EXISTS', ARGV[1] .. ':' .. task .. ':' .. id) == 0 then gone[#gone + 1] = id
  elseif not known[task] then
    known[task] = true
    strange[#strange + 1] = task
  end
end
if #gone > 0 then redis.call('ZREM', KEYS[1], unpack(gone)) end
return { #ids, #gone, strange }
`,
);

async function trim({ redis, prefix }: OpenQueues, index: string): Promise<string[]> {
  const strange = new Set<string>();
  let from = 0;
  for (let step = 0; step < mostSteps; step += 1) {
    const [seen, gone, names] = await trimScript.run(redis, [index], prefix, from, atOnce, ...taskNames);
    for (const name of names) strange.add(name);
    if (seen < atOnce) break;
    from += seen - gone;
  }
  return [...strange];
}

/** What has ended goes in its time, as of any task; what waits gets longer, for a version that knows the task may come. */
async function cleanStrange({ redis, prefix, jobTtlSeconds }: OpenQueues, task: string): Promise<void> {
  const queue = new Queue(task, { connection: redis, prefix, skipMetasUpdate: true });
  queue.on('error', () => {}); // the connection's own listener reports it
  const endedMs = jobTtlSeconds * 1_000;
  const waitingMs = Math.max(endedMs, strangeKeptMs);
  for (const set of ['completed', 'failed'] as const) await queue.clean(endedMs, atOnce, set);
  // active: its worker was of the other version, and is gone where nobody holds its lock
  for (const set of ['prioritized', 'wait', 'delayed', 'active'] as const) await queue.clean(waitingMs, atOnce, set);
  await queue.close();
}

/** Where the last sweep came to in the index of all jobs. */
const cameTo = new WeakMap<Redis, string>();

async function dropOldInputs({ redis, prefix }: OpenQueues, mostBytes: number): Promise<void> {
  for (let step = 0; step < mostInputSteps; step += 1) {
    if ((await readMemory(redis)).used <= mostBytes) return;
    const from = cameTo.get(redis) ?? '-inf';
    const entries = await redis.zrangebyscore(allJobsKey(prefix), from, '+inf', 'WITHSCORES', 'LIMIT', 0, atOnce);
    const ids = entries.filter((_, i) => i % 2 === 0);
    const jobs = ids.map((id) => anyJobKey(prefix, id));
    const pipeline = redis.pipeline();
    for (const job of jobs) pipeline.hexists(job, 'finishedOn').hstrlen(job, 'data');
    const replies = (await pipeline.exec()) ?? [];
    const isLarge = (i: number) => replies[2 * i]?.[1] === 1 && Number(replies[2 * i + 1]?.[1]) > bareBytes;
    for (const [i, job] of jobs.entries()) if (isLarge(i)) await dropLargeInput(redis, job, bareBytes);
    cameTo.set(redis, `(${entries.at(-1)}`);
    if (jobs.length === atOnce) continue;
    cameTo.delete(redis); // from the beginning again: what waited may have ended
    return;
  }
}
