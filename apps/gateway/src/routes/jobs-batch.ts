import type { Job } from '@slipway/contract/jobs';
import { parseInput } from '@slipway/contract/parse';
import { CodedError, type Problem } from '@slipway/contract/problems';
import { batchSchema } from '@slipway/contract/submission';
import type { Log } from '@slipway/runtime/log';
import { Hono } from 'hono';
import { paidIfRefused, spendOnJobs } from '../access/limits.ts';
import { readJson } from '../body.ts';
import type { AppEnv } from '../caller.ts';
import type { Desk } from '../desk.ts';
import { toProblem } from '../problem.ts';
import { checkSubmission } from '../submission.ts';
import { idempotencyKey, type JobRouteDeps } from './jobs.ts';

type Item = { job: Job } | { problem: Problem };

/** `POST /jobs/batch`: many submissions in one request, in their order, each judged by itself. */
export function jobBatchRoutes(desk: Desk, { limiters, log, ...deps }: Omit<JobRouteDeps, 'stopping'> & { log: Log }) {
  return new Hono<AppEnv>().post('/batch', async (c) => {
    const { jobs } = parseInput(batchSchema, await readJson(c.req));
    const key = idempotencyKey(c);
    const keys = key === undefined ? [] : jobs.map((_, i) => `${key}#${i}`);
    const made = key === undefined ? jobs.map(() => false) : await desk.made(keys, c.get('caller'));
    await spendOnJobs(c, limiters, made);
    let retryAfterSeconds = 0;
    const submit = async (value: unknown, i: number): Promise<Item> => {
      try {
        const again = made[i] === true;
        return await paidIfRefused(c, limiters.submissions, again, async () => {
          const submission = await checkSubmission(value, { ...deps, leaving: () => c.req.raw.signal, again });
          return { job: (await desk.submit(submission, c.get('caller'), keys[i])).job };
        });
      } catch (error) {
        if (!(error instanceof CodedError))
          log.error({ err: error, requestId: c.get('requestId') }, 'unexpected error');
        if (error instanceof CodedError) retryAfterSeconds = Math.max(retryAfterSeconds, error.retryAfterSeconds ?? 0);
        return { problem: toProblem(error, c.get('requestId')) };
      }
    };
    const items: Item[] = [];
    // one after the other, so that they stand in line as they were given
    for (const [i, value] of jobs.entries()) items.push(await submit(value, i));
    c.header('Cache-Control', 'no-store');
    if (retryAfterSeconds > 0) c.header('Retry-After', String(retryAfterSeconds));
    return c.json({ jobs: items }, 202);
  });
}
