import type { WorkerStatus } from '@slipway/contract/readiness';
import { countJobs } from '@slipway/queue/counts';
import type { Queues } from '@slipway/queue/queues';
import { listWorkers } from '@slipway/queue/workers';
import { Hono, type MiddlewareHandler } from 'hono';
import type { AppEnv } from '../caller.ts';
import { type Gauge, metricsType, toText } from '../metrics.ts';

/** `GET /metrics`: how many jobs there are and what does them, for Prometheus. `access` decides who may see it. */
export function metricsRoutes(queues: Queues, access: MiddlewareHandler<AppEnv>) {
  return new Hono<AppEnv>().get('/metrics', access, async (c) => {
    const [{ tasks, memory }, workers] = await Promise.all([countJobs(queues), listWorkers(queues)]);
    const states = ['queued', 'running', 'succeeded', 'unsuccessful'] as const;
    const jobs: Gauge = {
      name: 'slipway_jobs',
      help: 'Jobs by task and state; ended ones until they are past their time.',
      samples: tasks.flatMap((counts) =>
        states.map((state) => ({ labels: { task: counts.task, state }, value: counts[state] })),
      ),
    };
    const text = toText([
      jobs,
      gauge('slipway_workers', 'Workers that are alive.', workers.length),
      processes(workers),
      gauge('slipway_redis_memory_bytes', 'What Redis holds.', memory.used),
      gauge('slipway_redis_memory_limit_bytes', 'What Redis may hold; 0 without a limit.', memory.limit),
      gauge('slipway_gateway_memory_bytes', 'Resident memory of this gateway.', process.memoryUsage.rss()),
    ]);
    return c.body(text, 200, { 'Content-Type': metricsType, 'Cache-Control': 'no-store' });
  });
}

const gauge = (name: string, help: string, value: number): Gauge => ({ name, help, samples: [{ labels: {}, value }] });

function processes(workers: WorkerStatus[]): Gauge {
  const sum = (of: 'alive' | 'busy') => workers.reduce((total, { children }) => total + children[of], 0);
  return {
    name: 'slipway_inference_processes',
    help: 'Inference processes of all workers.',
    samples: (['alive', 'busy'] as const).map((state) => ({ labels: { state }, value: sum(state) })),
  };
}
