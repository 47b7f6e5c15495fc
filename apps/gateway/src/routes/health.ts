import type { DataFolder } from '@slipway/contract/data-folder';
import type { Part, Readiness } from '@slipway/contract/readiness';
import type { TaskName } from '@slipway/contract/tasks';
import type { Queues } from '@slipway/queue/queues';
import { listWorkers } from '@slipway/queue/workers';
import { Hono } from 'hono';
import { readiness } from '../readiness.ts';

export interface HealthSources {
  /** What the launcher found the data folder to be. */
  data?: (() => DataFolder | undefined) | undefined;
  /** How the archive stands; undefined where there is none. */
  archive?: (() => Promise<Part | undefined>) | undefined;
  /** The services of a fork. */
  services?: (() => Promise<Part[]>) | undefined;
}

/**
 * `/healthz`: this process answers. `/readyz`: a job submitted now would run; services of a fork are told of, and do not
 * count, because jobs run without them.
 */
export function healthRoutes(queues: Queues, tasks: TaskName[], { data, archive, services }: HealthSources = {}): Hono {
  return new Hono()
    .get('/healthz', (c) => c.json({ status: 'ok' }))
    .get('/readyz', async (c) => {
      const asked = [listWorkers(queues).catch(() => undefined), archive?.(), services?.()] as const;
      const [workers, archived, others = []] = await Promise.all(asked);
      const { parts, ...house } = readiness(workers, tasks, data?.(), archived);
      const body: Readiness = { ...house, parts: [...parts, ...others] };
      c.header('Cache-Control', 'no-store');
      return c.json(body, body.ready ? 200 : 503);
    });
}
