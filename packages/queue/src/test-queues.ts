import { setTimeout as sleep } from 'node:timers/promises';
import type { Job } from '@slipway/contract/jobs';
import type { Result, Terms } from '@slipway/contract/records';
import { type TaskName, taskNames } from '@slipway/contract/tasks';
import { createLog } from '@slipway/runtime/log';
import { connectConsumer } from './connection.ts';
import { type Consumer, consume } from './consume.ts';
import { followJob } from './follow.ts';
import { getJob } from './inspect.ts';
import { openQueues, type Queues } from './queues.ts';
import { submitJob } from './submit.ts';
import { openWatcher } from './watch.ts';
import type { Work } from './work.ts';

const log = createLog('test', 'silent');

/** What a run gives back, for tests. */
export const result: Result = {
  output: { summary: 'Short.' },
  engine: 'extractive',
  engineReason: 'ENGINE=extractive',
  model: null,
  inputTokens: 2,
  outputTokens: 1,
};

/** Both ends of the queues on the tests' Redis, each test under a prefix of its own; `close` ends all that was opened. */
export function testQueues(url: string) {
  const cleanUp: (() => unknown)[] = [];

  async function open(prefix: string): Promise<Queues> {
    const queues = openQueues({ url, log, jobTtlSeconds: 60, prefix });
    cleanUp.push(() => queues.close());
    while (!(await queues.use(async () => true).catch(() => false))) await sleep(5);
    return queues;
  }

  function work(prefix: string, run: (work: Work) => Promise<Result>, places = () => 1): Consumer {
    const connection = connectConsumer(url, log);
    const accepts = (_task: TaskName, running: ReadonlyMap<TaskName, number>) =>
      [...running.values()].reduce((sum, count) => sum + count, 0) < places();
    const consumer = consume({ connection, tasks: taskNames, accepts, run, log, prefix });
    cleanUp.push(() => consumer.close().then(() => connection.disconnect()));
    return consumer;
  }

  async function follow(queues: Queues, prefix: string, id: string, after?: string) {
    const watcher = openWatcher({ url, log, prefix });
    cleanUp.push(() => watcher.close());
    return followJob({ queues, watcher }, id, after, new AbortController().signal);
  }

  async function close(): Promise<void> {
    for (const step of cleanUp.splice(0).reverse()) await step();
  }

  return { open, work, follow, close };
}

const options = { engine: 'auto', length: 'short', format: 'paragraph' } as const;
/** Resolves to the id. */
export const submit = async (queues: Queues, text = 'Some text.', terms: Terms = {}) =>
  (await submitJob(queues, 'summarize', { text }, options, terms)).id;

export async function until(queues: Queues, id: string, holds: (job: Job) => boolean): Promise<Job> {
  for (;;) {
    const job = await getJob(queues, id);
    if (holds(job)) return job;
    await sleep(10);
  }
}
export const ended = (job: Job) => job.finishedAt !== null;
