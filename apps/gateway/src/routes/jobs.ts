import { jobPath } from '@slipway/contract/http';
import { submitSchema } from '@slipway/contract/jobs';
import { parseInput } from '@slipway/contract/parse';
import { CodedError } from '@slipway/contract/problems';
import { isTaskName, type TaskName, taskNames, tasks } from '@slipway/contract/tasks';
import { getJob } from '@slipway/queue/inspect';
import type { Queues } from '@slipway/queue/queues';
import { submitJob } from '@slipway/queue/submit';
import { Hono } from 'hono';
import { readJson } from '../body.ts';

/** Seconds after which a look at a new job may be worth while. */
const firstLookSeconds = '1';

/** `POST /jobs` and `GET /jobs/{id}`. */
export function jobRoutes(queues: Queues): Hono {
  return new Hono()
    .post('/', async (c) => {
      const body = parseInput(submitSchema, await readJson(c.req));
      const task = parseTask(body.task);
      const input = parseInput(tasks[task].input, body.input, '/input');
      const options = parseInput(tasks[task].options, body.options ?? {}, '/options');
      const id = await submitJob(queues, task, input, options);
      c.header('Location', jobPath(id));
      c.header('Retry-After', firstLookSeconds);
      return c.json(await getJob(queues, id), 202);
    })
    .get('/:id', async (c) => {
      c.header('Cache-Control', 'no-store');
      return c.json(await getJob(queues, c.req.param('id')));
    });
}

function parseTask(name: string): TaskName {
  if (isTaskName(name)) return name;
  const message = `must be one of: ${taskNames.join(', ')}`;
  throw new CodedError('invalid_input', `/task ${message}.`, { faults: [{ pointer: '/task', message }] });
}
