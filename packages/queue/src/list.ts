import type { JobList, ListedJob, ListQuery } from '@slipway/contract/job-list';
import { type Job, taskOfJobId } from '@slipway/contract/jobs';
import { CodedError } from '@slipway/contract/problems';
import { taskNames } from '@slipway/contract/tasks';
import { allJobsKey, excerptField, ownJobsKey, searchField } from './index-of-jobs.ts';
import { getJob, termsField, type ViewOptions } from './inspect.ts';
import type { OpenQueues, Queues } from './queues.ts';
import { defineScript } from './script.ts';

/** How many jobs one call of the script looks at: a few milliseconds of Redis' one thread. */
const scanned = 1_000;
/** How many calls a page is worth. A search that has found little by then gives a short page and where to go on. */
const mostCalls = 20;

type Reply = [ids: string[], stoppedAt: string, atEnd: number];

/**
 * Walks an index from the newest on and gives the ids that fit: `{ id, score, … }`, then where it stopped, then whether it
 * has come to the end. Ids of jobs that are gone leave the index. The score of the place to begin is exclusive.
 */
const listScript = defineScript<Reply>(
  'slipwayList',
  `
local index = KEYS[1]
local prefix, before, from, count, limit, state, task, tag, q = unpack(ARGV)
local termsField, searchField = ARGV[10], ARGV[11]
local entries = redis.call('ZREVRANGEBYSCORE', index, before, from, 'WITHSCORES', 'LIMIT', 0, count)
local found, gone, stoppedAt = {}, {}, ''
local function stateOf(job, task, id)
  local finished, result, reason = unpack(redis.call('HMGET', job, 'finishedOn', 'returnvalue', 'failedReason'))
  if not finished then
    if redis.call('LPOS', prefix .. ':' .. task .. ':active', id) then return 'running' end
    return 'queued'
  end
  if result then return 'succeeded' end
  if string.find(reason or '', '^canceled:') then return 'canceled' end
  if string.find(reason or '', '^deadline_exceeded:') then return 'expired' end
  return 'failed'
end
local function fits(job, id, of)
  if task ~= '' and of ~= task then return false end
  if q ~= '' then
    local text = redis.call('HGET', job, searchField) or string.lower(id)
    if not string.find(text, q, 1, true) then return false end
  end
  if tag ~= '' then
    local ok, terms = pcall(cjson.decode, redis.call('HGET', job, termsField) or '{}')
    local has = false
    for _, each in ipairs(ok and terms.tags or {}) do has = has or each == tag end
    if not has then return false end
  end
  return state == '' or stateOf(job, of, id) == state
end
for i = 1, #entries, 2 do
  local id, score = entries[i], entries[i + 1]
  stoppedAt = score
  local of = string.match(id, '^(.+)_......................$') or ''
  local job = prefix .. ':' .. of .. ':' .. id
  if redis.call('EXISTS', job) == 0 then
    gone[#gone + 1] = id
  elseif fits(job, id, of) then
    found[#found + 1] = id
    if #found == tonumber(limit) then break end
  end
end
if #gone > 0 then redis.call('ZREM', index, unpack(gone)) end
return { found, stoppedAt, #entries < 2 * tonumber(count) and #found < tonumber(limit) and 1 or 0 }
`,
);

/**
 * A page of jobs, newest first: those of `owner`, or all where it is undefined. A page costs about the same whether there
 * are a hundred jobs or a hundred thousand. Throws CodedError `invalid_input` for a cursor that is none, or
 * `queue_unavailable`.
 */
export async function listJobs(queues: Queues, query: ListQuery, { owner, estimator }: ViewOptions): Promise<JobList> {
  const wanted = query.task;
  if (wanted !== undefined && !taskNames.some((name) => name === wanted)) return { jobs: [], nextCursor: null };
  const { ids, nextCursor } = await queues.use((open) => findIds(open, query, owner ?? undefined));
  const jobs = await Promise.all(ids.map((id) => readListed(queues, id, { owner, estimator })));
  return { jobs: jobs.filter((job) => job !== undefined), nextCursor };
}

async function findIds(open: OpenQueues, query: ListQuery, owner: string | undefined) {
  const { redis, prefix } = open;
  const index = owner === undefined ? allJobsKey(prefix) : ownJobsKey(prefix, owner);
  const ids: string[] = [];
  let before = beginningOf(query);
  for (let call = 0; call < mostCalls; call += 1) {
    const filters = [query.state ?? '', query.task ?? '', query.tag ?? '', query.q?.toLowerCase() ?? ''];
    const places = [prefix, before, query.from === undefined ? '-inf' : Date.parse(query.from), scanned];
    const args = [...places, query.limit - ids.length, ...filters, termsField, searchField];
    const [found, stoppedAt, atEnd] = await listScript.run(redis, [index], ...args);
    ids.push(...found);
    if (atEnd === 1) return { ids, nextCursor: null };
    before = `(${stoppedAt}`;
    if (ids.length >= query.limit) break;
  }
  return { ids, nextCursor: before.slice(1) };
}

/** An exclusive bound of the score. */
function beginningOf({ cursor, to }: ListQuery): string {
  if (cursor !== undefined && !/^\d{1,16}(\.\d{1,20})?$/.test(cursor))
    throw new CodedError('invalid_input', '/cursor must be the nextCursor of a page.', {
      faults: [{ pointer: '/cursor', message: 'must be the nextCursor of a page' }],
    });
  const bounds = [cursor, to === undefined ? undefined : String(Date.parse(to))].filter((bound) => bound !== undefined);
  if (bounds.length === 0) return '+inf';
  return `(${bounds.reduce((least, bound) => (Number(bound) < Number(least) ? bound : least))}`;
}

/** Undefined for one that has gone meanwhile. */
async function readListed(queues: Queues, id: string, options: ViewOptions): Promise<ListedJob | undefined> {
  const task = taskOfJobId(id);
  if (!task) return undefined;
  try {
    const [job, excerpt] = await Promise.all([
      getJob(queues, id, options),
      queues.use(({ redis, key }) => redis.hget(key(task, id), excerptField)),
    ]);
    return { ...withoutOutput(job), excerpt };
  } catch (error) {
    if (error instanceof CodedError && error.code === 'job_not_found') return undefined;
    throw error;
  }
}

function withoutOutput({ output: _output, ...job }: Job) {
  return job;
}
