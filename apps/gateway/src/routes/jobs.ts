import { jobPath } from '@slipway/contract/http';
import { submitSchema } from '@slipway/contract/jobs';
import { parseInput } from '@slipway/contract/parse';
import { CodedError } from '@slipway/contract/problems';
import { hasModel, isTaskName, type ModelTaskName, type TaskName, taskNames, tasks } from '@slipway/contract/tasks';
import { getJob } from '@slipway/queue/inspect';
import type { Queues } from '@slipway/queue/queues';
import { submitJob } from '@slipway/queue/submit';
import { Hono } from 'hono';
import { readJson } from '../body.ts';

/** Seconds after which a look at a new job may be worth while. */
const firstLookSeconds = '1';

/** `<org>/<name>` of each task that has a model; null where the operator turned the task off. */
export type TaskModels = Record<ModelTaskName, string | null>;

/** `POST /jobs` and `GET /jobs/{id}`. */
export function jobRoutes(queues: Queues, models: TaskModels): Hono {
  return new Hono()
    .post('/', async (c) => {
      const body = parseInput(submitSchema, await readJson(c.req));
      const task = parseTask(body.task);
      const model = hasModel(task) ? models[task] : undefined;
      if (model === null) throw new CodedError('task_disabled', `This instance does not do ${task}.`);
      const input = parseInput(tasks[task].input, body.input, '/input');
      const options = parseInput(tasks[task].options, body.options ?? {}, '/options');
      if ('model' in options) checkModel(options.model, model);
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

function checkModel(wanted: string | undefined, model: string | undefined): void {
  if (wanted === undefined || wanted === model) return;
  const message = `must be ${model}, the model of this instance`;
  throw new CodedError('invalid_input', `/options/model ${message}.`, {
    faults: [{ pointer: '/options/model', message }],
  });
}

function parseTask(name: string): TaskName {
  if (isTaskName(name)) return name;
  const message = `must be one of: ${taskNames.join(', ')}`;
  throw new CodedError('invalid_input', `/task ${message}.`, { faults: [{ pointer: '/task', message }] });
}
