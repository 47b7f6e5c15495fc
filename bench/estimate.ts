import { setTimeout as sleep } from 'node:timers/promises';
import { type Job, newJobId } from '@slipway/contract/jobs';
import type { Result } from '@slipway/contract/records';
import { type TaskName, tasks } from '@slipway/contract/tasks';
import { connectConsumer } from '@slipway/queue/connection';
import { consume } from '@slipway/queue/consume';
import { openEstimator } from '@slipway/queue/estimate/estimator';
import { recordRun } from '@slipway/queue/estimate/pace';
import { lengthOf } from '@slipway/queue/index-of-jobs';
import { getJob } from '@slipway/queue/inspect';
import { defaultPrefix, openQueues } from '@slipway/queue/queues';
import { submitJob } from '@slipway/queue/submit';
import type { Work } from '@slipway/queue/work';
import { announceWorker } from '@slipway/queue/workers';
import { createLog } from '@slipway/runtime/log';
import { createRedis } from '../tests/redis-server.ts';
import { seededRandom } from './random.ts';
import { printTable } from './table.ts';

const log = createLog('bench', 'error');
const processes = 2;
const pastRuns = 200;
const rounds = 4;
const backlog = 26;
const measured = 24;

/** Run times in milliseconds: something fixed, something a character, and noise of a quarter. */
const speeds = { summarize: { fixed: 20, each: 0.024 }, chat: { fixed: 14, each: 0.014 } } as const;
const betweenMs = 60;
const sampleEveryMs = 20;
/** A hundredth of the jobs of life, which take 10 to 30 s, so looks at the queue must be more frequent than in life. */
const refreshEveryMs = 50;
type BenchTask = keyof typeof speeds;

interface House {
  name: string;
  taskOf: (i: number) => BenchTask;
}
const houses: House[] = [
  { name: 'one task', taskOf: () => 'summarize' },
  { name: 'two tasks in turn', taskOf: (i) => (i % 3 === 2 ? 'chat' : 'summarize') },
];

/** When a job starts and ends, in milliseconds since 1970. */
interface Times {
  start: number;
  end: number;
}

interface Guess {
  atMs: number;
  ways: Record<string, Times>;
}

/** What was said of a job while it waited, first to last, and what came. */
interface Story {
  guesses: Guess[];
  came: Times;
}

/**
 * `npm run bench -- estimate`: jobs whose lengths differ by forty times come to a queue that has a backlog already and is
 * worked on by two processes. What was said of their start and end is compared with what came.
 */
export async function measureEstimates(): Promise<void> {
  for (const { name, taskOf } of houses) {
    const stories: Story[] = [];
    for (let round = 0; round < rounds; round++) stories.push(...(await measureRound(taskOf, round)));
    const waits = stories.map(({ guesses, came }) => came.start - (guesses[0]?.atMs ?? came.start));
    const meanMs = waits.reduce((sum, ms) => sum + ms, 0) / waits.length;
    console.log(
      `\n${name}: ${stories.length} jobs in ${rounds} rounds, ${processes} processes; ` +
        `they waited ${seconds(meanMs)} s on average, ${seconds(Math.max(...waits))} s at most`,
    );
    printTable(
      ['asked', 'start: error s', 'of the wait', 'end: error s', 'of the time to it'],
      [...rowsOf('at submission', stories, 0), ...rowsOf('halfway', stories, 0.5)],
    );
  }
}

function draws(seed: number) {
  const random = seededRandom(seed);
  for (let i = 0; i < 20; i++) random(); // the first numbers of near seeds are alike
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return {
    /** 500 to 20,000 characters, as many of each order of magnitude. */
    inputLength: () => Math.round(500 * 40 ** random()),
    runMs: (task: BenchTask, length: number) =>
      (speeds[task].fixed + speeds[task].each * length) * Math.exp(0.25 * normal() - 0.25 ** 2 / 2),
  };
}

/** One house with a past, a backlog, and jobs that come while it works. */
async function measureRound(taskOf: House['taskOf'], round: number): Promise<Story[]> {
  const redis = await createRedis();
  const connection = connectConsumer(redis.url, log);
  const queues = openQueues({ url: redis.url, log, jobTtlSeconds: 600 });
  while (!(await queues.use(async () => true).catch(() => false))) await sleep(5);
  const names = [...new Set(Array.from({ length: 3 }, (_, i) => taskOf(i)))];
  const past = draws(round * 3 + 1);
  const means = new Map<TaskName, number>();
  for (const task of names) {
    let sum = 0;
    for (let i = 0; i < pastRuns; i++) {
      const inputLength = past.inputLength();
      const runMs = past.runMs(task, inputLength);
      sum += runMs;
      await recordRun(connection, defaultPrefix, { task, model: null, inputLength, runMs });
    }
    means.set(task, sum / pastRuns);
  }
  const announce = () => announceWorker(connection, workerOf(names));
  await announce();
  const heartbeat = setInterval(announce, 5_000);

  const now = draws(round * 3 + 2);
  const estimator = openEstimator(queues, { refreshEveryMs });
  const guesses = new Map<string, Guess[]>();
  const note = (job: Job) => {
    if (job.finishedAt !== null || job.position === undefined || !job.estimate) return;
    const guess = guessOf(job, means.get(job.task as TaskName) ?? 0);
    guesses.set(job.id, [...(guesses.get(job.id) ?? []), guess]);
  };
  const submit = async (i: number) => {
    const text = 'a'.repeat(now.inputLength());
    const task = taskOf(i);
    const id = newJobId(task);
    await estimator.ready();
    return task === 'chat'
      ? submitJob(queues, task, { messages: [{ role: 'user', content: text }] }, chatOptions, {}, { id, estimator })
      : submitJob(queues, task, { text }, summarizeOptions, {}, { id, estimator });
  };
  for (let i = 0; i < backlog; i++) await submit(i);

  const noise = draws(round * 3 + 3);
  const run = async ({ task, input, signal }: Work) => {
    await sleep(noise.runMs(task as BenchTask, lengthOf(input)), undefined, { signal });
    return done;
  };
  const accepts = (_task: TaskName, running: ReadonlyMap<TaskName, number>) =>
    [...running.values()].reduce((sum, count) => sum + count, 0) < processes;
  const consumer = consume({ connection, tasks: names, accepts, run, log });
  await sleep(300); // the backlog is seen, and two jobs run

  const waiting = new Set<string>();
  const truth = new Map<string, Times>();
  const sampling = sampleUntilDone();
  for (let i = 0; i < measured; i++) {
    const job = await submit(i);
    note(job);
    waiting.add(job.id);
    await sleep(betweenMs);
  }
  await sampling;

  async function sampleUntilDone(): Promise<void> {
    while (truth.size < measured) {
      await sleep(sampleEveryMs);
      await estimator.ready();
      for (const id of waiting) {
        const job = await getJob(queues, id, { estimator });
        note(job);
        if (job.startedAt === null || job.finishedAt === null) continue;
        truth.set(id, { start: Date.parse(job.startedAt), end: Date.parse(job.finishedAt) });
        waiting.delete(id);
      }
    }
  }

  clearInterval(heartbeat);
  estimator.close();
  await consumer.close();
  connection.disconnect();
  await queues.close();
  await redis.remove();
  return [...truth].map(([id, came]) => ({ came, guesses: guesses.get(id) ?? [] }));
}

const summarizeOptions = tasks.summarize.options.parse({});
const chatOptions = tasks.chat.options.parse({});
const done: Result = {
  output: { summary: 'Short.' },
  engine: 'extractive',
  engineReason: 'bench',
  model: null,
  inputTokens: null,
  outputTokens: null,
};

function workerOf(names: TaskName[]) {
  const status = { engine: 'extractive', reason: 'bench', model: null } as const;
  return {
    id: 'bench',
    pid: process.pid,
    startedAt: new Date().toISOString(),
    children: { total: processes, alive: processes, busy: 0 },
    tasks: Object.fromEntries(names.map((task) => [task, status])),
  };
}

function guessOf({ position = 1, estimate }: Job, mean: number): Guess {
  const atMs = Date.now();
  const simple = (start: number): Times => ({ start, end: start + mean });
  return {
    atMs,
    ways: {
      estimate: { start: Date.parse(estimate?.startsAt ?? ''), end: Date.parse(estimate?.endsAt ?? '') },
      'position × mean ÷ processes': simple(atMs + (position * mean) / processes),
      'position × mean': simple(atMs + position * mean),
    },
  };
}

/** Of each job the guess that was made nearest to this share of its wait. */
function rowsOf(when: string, stories: Story[], share: number): string[][] {
  const chosen = stories.flatMap(({ guesses, came }) => {
    const wanted = (guesses[0]?.atMs ?? 0) * (1 - share) + came.start * share;
    const nearest = guesses.toSorted((a, b) => Math.abs(a.atMs - wanted) - Math.abs(b.atMs - wanted))[0];
    return nearest ? [{ came, guess: nearest }] : [];
  });
  const mean = (of: (one: (typeof chosen)[number]) => number) =>
    chosen.reduce((sum, one) => sum + of(one), 0) / chosen.length;
  return Object.keys(chosen[0]?.guess.ways ?? {}).map((way) => {
    const error = (which: keyof Times) =>
      mean(({ came, guess }) => Math.abs((guess.ways[way]?.[which] ?? 0) - came[which]));
    const ahead = (which: keyof Times) => mean(({ came, guess }) => came[which] - guess.atMs);
    const cells = (which: keyof Times) => [
      seconds(error(which)),
      `${((100 * error(which)) / ahead(which)).toFixed(0)} %`,
    ];
    return [`${when}: ${way}`, ...cells('start'), ...cells('end')];
  });
}

const seconds = (ms: number) => (ms / 1_000).toFixed(2);
