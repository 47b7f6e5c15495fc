import { setTimeout as sleep } from 'node:timers/promises';
import { type ListQuery, listQuerySchema } from '@slipway/contract/job-list';
import { cancelJob } from '@slipway/queue/cancel';
import { openEstimator } from '@slipway/queue/estimate/estimator';
import { ownJobsKey } from '@slipway/queue/index-of-jobs';
import { listJobs } from '@slipway/queue/list';
import { openQueues, type Queues } from '@slipway/queue/queues';
import { submitJob } from '@slipway/queue/submit';
import { createLog } from '@slipway/runtime/log';
import { createRedis } from '../tests/redis-server.ts';
import { median } from './api.ts';
import { printTable } from './table.ts';

const sizes = [1_000, 100_000];
const looks = 30;
/** One of so many jobs bears the tag, holds the word, or was canceled. */
const every = { tag: 100, rare: 5_000, canceled: 200 };
const owner = 'bench';
const atOnce = 250;
const text = 'The tide turned before noon and the crew waited for the harbour pilot. '.repeat(12);

/** `npm run bench -- list`: a page of 20, newest first, of one key's jobs, among a thousand and a hundred thousand. */
export async function measureList(): Promise<void> {
  const log = createLog('bench', 'error');
  const redis = await createRedis();
  const queues = openQueues({ url: redis.url, log, jobTtlSeconds: 3_600 });
  const estimator = openEstimator(queues);
  try {
    while (!(await queues.use(async () => true).catch(() => false))) await sleep(5);
    const measured: Record<string, string[]> = {};
    let made = 0;
    for (const size of sizes) {
      const startedAt = performance.now();
      for (; made < size; made += atOnce) await fill(queues, made);
      const seconds = (performance.now() - startedAt) / 1_000;
      console.log(`${size} jobs, filled in ${seconds.toFixed(1)} s`);
      for (const [name, query] of Object.entries(await queriesFor(queues, size))) {
        const times: number[] = [];
        let found = 0;
        for (let look = 0; look < looks; look += 1) {
          const lookedAt = performance.now();
          const { jobs } = await listJobs(queues, query, { owner, estimator });
          times.push(performance.now() - lookedAt);
          found = jobs.length;
        }
        measured[name] = [
          ...(measured[name] ?? []),
          median(times).toFixed(1),
          Math.max(...times).toFixed(1),
          `${found}`,
        ];
      }
    }
    console.log(`\nms for a page of at most 20, ${looks} looks each`);
    const headings = sizes.flatMap((size) => [`of ${size}: median`, 'worst', 'found']);
    printTable(
      ['page', ...headings],
      Object.entries(measured).map(([name, row]) => [name, ...row]),
    );
  } finally {
    estimator.close();
    await queues.close();
    await redis.remove();
  }
}

async function fill(queues: Queues, from: number): Promise<void> {
  const options = { engine: 'auto', length: 'short', format: 'paragraph' } as const;
  const make = async (i: number) => {
    const tags = i % every.tag === 0 ? ['press'] : ['other'];
    const written = i % every.rare === 0 ? `A needle. ${text}` : text;
    const { id } = await submitJob(queues, 'summarize', { text: written }, options, { owner, tags });
    if (i % every.canceled === 0) await cancelJob(queues, id);
  };
  await Promise.all(Array.from({ length: atOnce }, (_, i) => make(from + i)));
}

async function queriesFor(queues: Queues, size: number): Promise<Record<string, ListQuery>> {
  const deep = await queues.use(({ redis, prefix }) =>
    redis.zrevrange(ownJobsKey(prefix, owner), Math.floor(size * 0.9), Math.floor(size * 0.9), 'WITHSCORES'),
  );
  const query = (given: object) => listQuerySchema.parse(given);
  return {
    'the newest': query({}),
    'after nine tenths of all': query({ cursor: deep[1] }),
    'state=queued (most)': query({ state: 'queued' }),
    [`state=canceled (1 in ${every.canceled})`]: query({ state: 'canceled' }),
    [`tag (1 in ${every.tag})`]: query({ tag: 'press' }),
    [`q (1 in ${every.rare})`]: query({ q: 'needle' }),
    'q in none': query({ q: 'nowhere to be found' }),
  };
}
