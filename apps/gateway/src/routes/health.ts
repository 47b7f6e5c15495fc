import type { Readiness } from '@slipway/contract/readiness';
import type { TaskName } from '@slipway/contract/tasks';
import type { Queues } from '@slipway/queue/queues';
import { listWorkers } from '@slipway/queue/workers';
import { Hono } from 'hono';
import { type HealthSources, wholeReadiness } from '../readiness.ts';

/** `/healthz`: this process answers. `/readyz`: a job submitted now would run. */
export function healthRoutes(queues: Queues, tasks: TaskName[], sources: HealthSources = {}): Hono {
  return new Hono()
    .get('/healthz', (c) => c.json({ status: 'ok' }))
    .get('/readyz', async (c) => {
      const workers = await listWorkers(queues).catch(() => undefined);
      const body: Readiness = await wholeReadiness(workers, tasks, sources);
      c.header('Cache-Control', 'no-store');
      return c.json(body, body.ready ? 200 : 503);
    });
}
