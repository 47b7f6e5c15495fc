import type { TaskName } from '@slipway/contract/tasks';
import type { Redis } from 'ioredis';
import { defineScript } from '../script.ts';

/**
 * How fast jobs of a task run, as measured: a hash a task. A field is `<bucket> <model>`, where the bucket is the whole
 * part of log2(input length) and the model is empty for an engine that has none. Its value is `<mean run time in ms> <mean
 * of log2(input length)> <runs> <time of the last run in µs>`.
 */
export const paceKey = (prefix: string, task: TaskName) => `${prefix}:slipway:pace:${task}`;

/** Weight of the newest run in the mean, once there are more than ten: other models and machines are soon forgotten. */
const newest = 0.1;

/** Runs that are counted, at most. */
const mostRuns = 1_000;

/** Fields a task, at most: the lengths of some ten models. Then the one that was written longest ago goes. */
export const mostFields = 200;

/** In one step, so that workers that write at the same time lose nothing. What can't be read begins anew. */
const paceScript = defineScript<number>(
  'slipwayPace',
  `
local key, field = KEYS[1], ARGV[1]
local ms, length, newest, mostRuns, mostFields = unpack(ARGV, 2)
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]

local old = redis.call('HGET', key, field)
local number = '(%d+%.?%d*)'
local oldMs, oldLength, oldRuns = string.match(old or '', '^' .. number .. ' ' .. number .. ' (%d+) %d+$')
local runs = (oldRuns or 0) + 1
-- a plain mean until there are enough for a moving one
local weight = math.max(1 / runs, newest)
ms = (oldMs or 0) + (ms - (oldMs or 0)) * weight
length = (oldLength or 0) + (length - (oldLength or 0)) * weight
runs = math.min(runs, mostRuns)

if not old and redis.call('HLEN', key) >= tonumber(mostFields) then
  local fields = redis.call('HGETALL', key)
  local oldest, since
  for i = 1, #fields, 2 do
    local at = tonumber(string.match(fields[i + 1], ' (%d+)$') or 0)
    if not since or at < since then oldest, since = fields[i], at end
  end
  redis.call('HDEL', key, oldest)
end
redis.call('HSET', key, field, string.format('%.3f %.4f %d %.0f', ms, length, runs, now))
return 1
`,
);

export interface Run {
  task: TaskName;
  /** Null for an engine that has none. */
  model: string | null;
  /** As `terms.inputLength`. */
  inputLength: number;
  /** Milliseconds from the taking of the job to its success. */
  runMs: number;
}

/** Adds a job that succeeded to what estimates are made of. Rejects when Redis is away. */
export async function recordRun(redis: Redis, prefix: string, { task, model, inputLength, runMs }: Run): Promise<void> {
  if (!(runMs >= 0 && runMs < Number.POSITIVE_INFINITY)) return; // two clocks may differ
  const length = logLength(inputLength);
  const field = `${Math.floor(length)} ${model ?? ''}`;
  await paceScript.run(redis, [paceKey(prefix, task)], field, runMs, length, newest, mostRuns, mostFields);
}

export const logLength = (inputLength: number) => Math.log2(Math.max(1, inputLength));

/** What was measured of one model at inputs of about one length. */
export interface Measured {
  /** Mean run time in milliseconds. */
  ms: number;
  /** Mean of log2(input length). */
  length: number;
  runs: number;
}

/** What was measured of a task, shortest inputs first, by model; the model that ran last comes first. */
export type Pace = ReadonlyMap<string | null, readonly Measured[]>;

/** From the task's hash. What can't be read is left out. */
export function parsePace(fields: Record<string, string>): Pace {
  const rows = Object.entries(fields).flatMap(([field, value]) => {
    const name = /^\d+ (.*)$/.exec(field)?.[1];
    const [ms, length, runs, at] = value.split(' ').map(Number) as [number, number, number, number];
    const readable = [ms, length, runs, at].every((number) => Number.isFinite(number) && number >= 0) && runs > 0;
    return name !== undefined && readable ? [{ model: name || null, at, ms: Math.max(1, ms), length, runs }] : [];
  });
  const latestFirst = rows.toSorted((a, b) => b.at - a.at);
  const byModel = new Map<string | null, Measured[]>(latestFirst.map(({ model }) => [model, []]));
  for (const { model, ms, length, runs } of rows) byModel.get(model)?.push({ ms, length, runs });
  for (const measured of byModel.values()) measured.sort((a, b) => a.length - b.length);
  return byModel;
}
