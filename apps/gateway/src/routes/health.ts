import type { Part, Readiness } from '@slipway/contract/readiness';
import type { TaskName } from '@slipway/contract/tasks';
import type { Queues } from '@slipway/queue/queues';
import { listWorkers } from '@slipway/queue/workers';
import { Hono } from 'hono';
import { readiness } from '../readiness.ts';

/**
 * `/healthz`: this process answers. `/readyz`: a job submitted now would run; services of a fork are told of, and do not
 * count, because jobs run without them.
 */
export function healthRoutes(queues: Queues, tasks: TaskName[], services?: () => Promise<Part[]>): Hono {
  return new Hono()
    .get('/healthz', (c) => c.json({ status: 'ok' }))
    .get('/readyz', async (c) => {
      const [workers, others = []] = await Promise.all([listWorkers(queues).catch(() => undefined), services?.()]);
      const { parts, ...house } = readiness(workers, tasks);
      const body: Readiness = { ...house, parts: [...parts, ...others] };
      c.header('Cache-Control', 'no-store');
      return c.json(body, body.ready ? 200 : 503);
    });
}
