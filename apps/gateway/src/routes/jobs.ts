import { idempotencyKeyHeader } from '@slipway/contract/http';
import { listQuerySchema } from '@slipway/contract/job-list';
import { endStates, type Job } from '@slipway/contract/jobs';
import { parseInput } from '@slipway/contract/parse';
import { CodedError } from '@slipway/contract/problems';
import { retrySchema } from '@slipway/contract/submission';
import type { RateLimiter } from '@slipway/queue/rate-limit';
import { type Context, Hono } from 'hono';
import { paidIfRefused, spend, spendOnJobs } from '../access/limits.ts';
import { readJson } from '../body.ts';
import type { AppEnv } from '../caller.ts';
import type { Desk } from '../desk.ts';
import { etagOf, isNamed } from '../etag.ts';
import { isForm } from '../form.ts';
import { withoutEmpty, withoutNulls } from '../left-out.ts';
import { leftOf, lookAgainSeconds, preferredWait, queriedWait } from '../patience.ts';
import { readGiven } from '../request-submission.ts';
import { checkSubmission, type Submission, type SubmissionDeps } from '../submission.ts';

/** How long the end of a running job that is to be erased is waited for, in milliseconds. */
const endLimitMs = 10_000;

export interface JobRouteDeps extends SubmissionDeps {
  /** Aborted when the gateway stops: what waits is then answered as it stands. */
  stopping: AbortSignal;
  /** Of submissions, and of what is asked for as often as a status. */
  limiters: { submissions: RateLimiter; reads: RateLimiter };
}

/** `/jobs` and everything below it, but for the batch and the events. */
export function jobRoutes(desk: Desk, { limiters, stopping, ...deps }: JobRouteDeps) {
  const leaving = (c: Context<AppEnv>) => AbortSignal.any([c.req.raw.signal, stopping]);

  return new Hono<AppEnv>()
    .post('/', async (c) => {
      const startedAt = performance.now();
      const key = idempotencyKey(c);
      const again = await spendOnOne(c, desk, limiters, key);
      return paidIfRefused(c, limiters.submissions, again, async () => {
        const { value, file } = await readGiven(c.req);
        const submission = await checkSubmission(value, { ...deps, leaving: () => c.req.raw.signal, again }, file);
        return handIn(c, desk, submission, key, startedAt, () => leaving(c));
      });
    })
    .get('/', async (c) => {
      c.header('Cache-Control', 'no-store');
      return c.json(await desk.list(parseInput(listQuerySchema, withoutEmpty(c.req.query())), c.get('caller')));
    })
    .get('/:id', async (c) => {
      const [id, caller] = [c.req.param('id'), c.get('caller')];
      const wait = queriedWait(c.req.query('wait'));
      const known = c.req.header('if-none-match');
      let job = await desk.get(id, caller);
      if (wait > 0 && !endStates.has(job.state)) {
        const { state } = job;
        const until =
          known === undefined ? (now: Job) => now.state !== state : (now: Job) => !isNamed(etagOf(now), known);
        job = await desk.waitUntil(id, caller, until, wait * 1_000, leaving(c));
      }
      const etag = etagOf(job);
      c.header('ETag', etag);
      c.header('Cache-Control', 'private, no-cache');
      if (!endStates.has(job.state)) c.header('Retry-After', String(lookAgainSeconds(job)));
      return isNamed(etag, known) ? c.body(null, 304) : c.json(job);
    })
    .delete('/:id', async (c) => {
      const [id, caller] = [c.req.param('id'), c.get('caller')];
      const { state } = await desk.cancel(id, caller);
      if (!endStates.has(state)) {
        await desk.erase(id, caller); // so that it is erased also where it ends when nobody waits any more
        await desk.untilEnd(id, caller, endLimitMs, leaving(c));
      }
      const job = await desk.erase(id, caller);
      c.header('Cache-Control', 'no-store');
      if (job.erasedAt !== null) return c.json(job);
      c.header('Retry-After', String(lookAgainSeconds(job)));
      return c.json(job, 202);
    })
    .get('/:id/result', async (c) => {
      c.header('Cache-Control', 'no-store');
      const { state, output, error, erasedAt } = await desk.get(c.req.param('id'), c.get('caller'));
      if (!endStates.has(state)) throw new CodedError('job_unfinished', `The job is ${state}. Ask again later.`);
      if (erasedAt !== null) throw new CodedError('job_erased', 'The job was erased, and its result with it.');
      if (state !== 'succeeded')
        throw new CodedError('job_without_result', `The job has ended as ${state}. ${error?.message ?? ''}`.trim());
      return c.json(output);
    })
    .get('/:id/deliveries', async (c) => {
      c.header('Cache-Control', 'no-store');
      return c.json({ deliveries: await desk.deliveries(c.req.param('id'), c.get('caller')) });
    })
    .post('/:id/cancel', async (c) => {
      await spend(c, limiters.reads);
      c.header('Cache-Control', 'no-store');
      return c.json(await desk.cancel(c.req.param('id'), c.get('caller')));
    })
    .post('/:id/retry', async (c) => {
      const startedAt = performance.now();
      const [id, caller] = [c.req.param('id'), c.get('caller')];
      const key = idempotencyKey(c);
      const again = await spendOnOne(c, desk, limiters, key);
      return paidIfRefused(c, limiters.submissions, again, async () => {
        const edited = parseInput(retrySchema, withoutNulls(await readOptionalJson(c), ['input', 'options']));
        const { state } = await desk.get(id, caller);
        if (!endStates.has(state)) throw new CodedError('job_unfinished', `The job is ${state}. Cancel it first.`);
        const { task, input, options, terms: old } = await desk.submitted(id, caller);
        if (edited.input === undefined && input === null)
          throw new CodedError('input_gone', 'The input was too large to be kept. Send it again as `input`.');
        const { priority, tags, webhook, timeLimitMs } = old;
        const value = { task, input, options, priority, tags, webhook, timeLimitMs, ...edited };
        const submission = await checkSubmission(value, { ...deps, leaving: () => c.req.raw.signal });
        const terms = { ...submission.terms, retryOf: id };
        return handIn(c, desk, { ...submission, terms }, key, startedAt, () => leaving(c));
      });
    });
}

/**
 * Takes from the caller's allowance; gives whether the job was made before, under this key. A file counts as a submission
 * each time: it must be read before it can be told whether it is the same.
 */
async function spendOnOne(
  c: Context<AppEnv>,
  desk: Desk,
  limiters: JobRouteDeps['limiters'],
  key: string | undefined,
): Promise<boolean> {
  const made = key === undefined ? [false] : await desk.made([key], c.get('caller'));
  await spendOnJobs(c, limiters, isForm(c.req) ? [false] : made);
  return made[0] === true;
}

/** Submits, and waits as long as the caller prefers to. */
async function handIn(
  c: Context<AppEnv>,
  desk: Desk,
  submission: Submission,
  key: string | undefined,
  startedAt: number,
  leaving: () => AbortSignal,
): Promise<Response> {
  const { job, replayed } = await desk.submit(submission, c.get('caller'), key);
  if (replayed) c.header('Idempotent-Replayed', 'true');
  const wait = preferredWait(c.req.header('prefer'));
  if (wait === undefined) return taken(c, job);
  c.header('Preference-Applied', `wait=${wait}`);
  // an outage while it is waited for must not hide that it was taken: the caller would hand it in again
  const waited = desk.untilEnd(job.id, c.get('caller'), leftOf(wait, startedAt), leaving()).catch(() => job);
  return taken(c, await waited);
}

function taken(c: Context<AppEnv>, job: Job): Response {
  c.header('Location', job.urls.self);
  c.header('Cache-Control', 'no-store');
  if (endStates.has(job.state)) return c.json(job, 200);
  c.header('Retry-After', String(lookAgainSeconds(job)));
  return c.json(job, 202);
}

export function idempotencyKey(c: Context<AppEnv>): string | undefined {
  const key = c.req.header(idempotencyKeyHeader);
  if (key === undefined || /^[\x20-\x7e]{1,255}$/.test(key)) return key;
  throw new CodedError('invalid_request', `${idempotencyKeyHeader} must be 1 to 255 characters of ASCII.`);
}

/** An empty body stands for nothing to change, whatever type it is said to be of. */
async function readOptionalJson(c: Context<AppEnv>): Promise<unknown> {
  return (await c.req.arrayBuffer()).byteLength === 0 ? {} : readJson(c.req);
}
