import { describeTask, type ModelInfo, type TaskInfo } from '@slipway/contract/catalogue';
import { CodedError } from '@slipway/contract/problems';
import type { Readiness } from '@slipway/contract/readiness';
import { hasModel, type TaskName } from '@slipway/contract/tasks';
import type { Queues } from '@slipway/queue/queues';
import { listWorkers } from '@slipway/queue/workers';
import { Hono } from 'hono';
import { readiness } from '../readiness.ts';
import type { TaskModels } from '../submission.ts';

/** How the tasks stand now; undefined while the queue cannot be asked. */
type Statuses = Readiness['tasks'] | undefined;

/** `GET /tasks`, `GET /tasks/{name}` and `GET /models`: what can be asked for, and what does it now. */
export function taskRoutes(queues: Queues, names: TaskName[], models: TaskModels): Hono {
  async function statuses(): Promise<Statuses> {
    const workers = await listWorkers(queues).catch(() => undefined);
    return workers && readiness(workers, names).tasks;
  }

  return new Hono()
    .get('/tasks', async (c) => {
      const now = await statuses();
      c.header('Cache-Control', 'no-store');
      return c.json({ tasks: names.map((name) => taskInfo(name, now)) });
    })
    .get('/tasks/:name', async (c) => {
      const name = names.find((name) => name === c.req.param('name'));
      if (name === undefined) throw new CodedError('not_found', 'There is no such task here.');
      c.header('Cache-Control', 'no-store');
      return c.json(taskInfo(name, await statuses()));
    })
    .get('/models', async (c) => {
      const now = await statuses();
      c.header('Cache-Control', 'no-store');
      return c.json({ models: names.map((name) => modelInfo(name, models, now)).filter((info) => info !== undefined) });
    });
}

const taskInfo = (name: TaskName, now: Statuses): TaskInfo => ({ ...describeTask(name), status: now?.[name] ?? null });

function modelInfo(task: TaskName, models: TaskModels, now: Statuses): ModelInfo | undefined {
  const id = hasModel(task) ? models[task] : null;
  if (id === null) return undefined;
  const told = now?.[task]?.model;
  if (told) return { task, ...told };
  const reason = now?.[task]?.reason ?? 'Not known while Redis does not answer.';
  return { task, id, revision: null, dtype: null, device: null, deviceReason: null, state: null, reason };
}
