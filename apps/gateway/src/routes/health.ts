import type { DataFolder } from '@slipway/contract/data-folder';
import type { TaskName } from '@slipway/contract/tasks';
import type { Queues } from '@slipway/queue/queues';
import { listWorkers } from '@slipway/queue/workers';
import { Hono } from 'hono';
import { readiness } from '../readiness.ts';

/** `/healthz`: this process answers. `/readyz`: a job submitted now would run. */
export function healthRoutes(queues: Queues, tasks: TaskName[], data: () => DataFolder | undefined): Hono {
  return new Hono()
    .get('/healthz', (c) => c.json({ status: 'ok' }))
    .get('/readyz', async (c) => {
      const body = readiness(await listWorkers(queues).catch(() => undefined), tasks, data());
      c.header('Cache-Control', 'no-store');
      return c.json(body, body.ready ? 200 : 503);
    });
}
