import { jobPath } from '@slipway/contract/http';
import { endStates } from '@slipway/contract/jobs';
import { CodedError } from '@slipway/contract/problems';
import { cancelJob } from '@slipway/queue/cancel';
import { getJob } from '@slipway/queue/inspect';
import type { Queues } from '@slipway/queue/queues';
import { submitJob } from '@slipway/queue/submit';
import { Hono } from 'hono';
import { readSubmission, type SubmissionDeps } from '../submission.ts';

/** Seconds after which a look at a new job may be worth while. */
const firstLookSeconds = '1';

/** `POST /jobs`, `GET /jobs/{id}` and its `/result`, `POST /jobs/{id}/cancel`. */
export function jobRoutes(queues: Queues, deps: SubmissionDeps): Hono {
  return new Hono()
    .post('/', async (c) => {
      const { task, input, options, terms } = await readSubmission(c.req, deps);
      const id = await submitJob(queues, task, input, options, terms);
      c.header('Location', jobPath(id));
      c.header('Retry-After', firstLookSeconds);
      return c.json(await getJob(queues, id), 202);
    })
    .get('/:id', async (c) => {
      c.header('Cache-Control', 'no-store');
      return c.json(await getJob(queues, c.req.param('id')));
    })
    .get('/:id/result', async (c) => {
      c.header('Cache-Control', 'no-store');
      const { state, output, error } = await getJob(queues, c.req.param('id'));
      if (!endStates.has(state)) throw new CodedError('job_unfinished', `The job is ${state}. Ask again later.`);
      if (state !== 'succeeded') throw new CodedError('job_without_result', `The job ${state}: ${error?.message}`);
      return c.json(output);
    })
    .post('/:id/cancel', async (c) => {
      const id = c.req.param('id');
      await cancelJob(queues, id);
      c.header('Cache-Control', 'no-store');
      return c.json(await getJob(queues, id));
    });
}
