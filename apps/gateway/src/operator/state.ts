import type { AdminState, OperatorIdentity, QueueCounts } from '@slipway/contract/admin';
import type { TaskName } from '@slipway/contract/tasks';
import { countJobs } from '@slipway/queue/counts';
import type { Queues } from '@slipway/queue/queues';
import { listWorkers } from '@slipway/queue/workers';
import { type HealthSources, wholeReadiness } from '../readiness.ts';
import type { Session } from './sessions.ts';

/** How the instance is now. With Redis away it says so and tells the rest. */
export async function adminState(
  queues: Queues,
  tasks: TaskName[],
  session: Session,
  health: HealthSources = {},
): Promise<AdminState> {
  const [workers, counts] = await Promise.all([
    listWorkers(queues).catch(() => undefined), // an outage is what the state tells
    countAll(queues, tasks).catch(() => null),
  ]);
  return {
    at: new Date().toISOString(),
    you: identityOf(session),
    readiness: await wholeReadiness(workers, tasks, health),
    queues: counts,
    workers: workers ?? null,
  };
}

async function countAll(queues: Queues, tasks: TaskName[]): Promise<Record<string, QueueCounts>> {
  const { tasks: all } = await countJobs(queues);
  const own = all.filter(({ task }) => tasks.includes(task));
  return Object.fromEntries(own.map(({ task, ...counts }) => [task, counts]));
}

const identityOf = ({ name, role, expires }: Session): OperatorIdentity => ({
  name,
  role,
  expiresAt: new Date(expires).toISOString(),
});
