import { adminPath } from '@slipway/contract/http';
import { listQuerySchema } from '@slipway/contract/job-list';
import { parseInput } from '@slipway/contract/parse';
import { CodedError } from '@slipway/contract/problems';
import type { TaskName } from '@slipway/contract/tasks';
import type { Estimator } from '@slipway/queue/estimate/estimator';
import { listJobs } from '@slipway/queue/list';
import type { Queues } from '@slipway/queue/queues';
import { type Context, Hono } from 'hono';
import type { AppEnv } from '../caller.ts';
import { withoutEmpty } from '../left-out.ts';
import type { HealthSources } from '../readiness.ts';
import { refuseForeign } from './foreign.ts';
import type { Session, Sessions } from './sessions.ts';
import { adminState } from './state.ts';

export interface OperatorApiDeps {
  sessions: Sessions;
  hosts: string[];
  queues: Queues;
  estimator: Estimator;
  tasks: TaskName[];
  health: HealthSources;
}

/** What the operator asks as a program; the page (pages.ts) shows the same. */
export function operatorApi({ sessions, hosts, queues, estimator, tasks, health }: OperatorApiDeps): Hono<AppEnv> {
  async function signedIn(c: Context): Promise<Session> {
    const session = await sessions.find(c.req.raw);
    if (session === null) throw new CodedError('sign_in_required', 'Sign in at /admin/login first.');
    return session;
  }
  async function requireOperator(c: Context): Promise<Session> {
    const session = await signedIn(c);
    if (session.role !== 'operator')
      throw new CodedError('forbidden', 'A viewer may not do this. Sign in as an operator.');
    return session;
  }

  return new Hono<AppEnv>()
    .use(`${adminPath}/*`, refuseForeign(hosts), async (c, next) => {
      c.header('Cache-Control', 'no-store');
      await next();
    })
    .get(`${adminPath}/state`, async (c) => c.json(await adminState(queues, tasks, await signedIn(c), health)))
    .get(`${adminPath}/jobs`, async (c) => {
      await requireOperator(c);
      return c.json(await listJobs(queues, parseInput(listQuerySchema, withoutEmpty(c.req.query())), { estimator }));
    })
    .post(`${adminPath}/sign-out`, (c) => {
      c.header('Set-Cookie', sessions.end(c.req.raw.headers));
      return c.body(null, 204);
    })
    .post(`${adminPath}/sign-out-everywhere`, async (c) => {
      await sessions.endAll(await requireOperator(c));
      c.header('Set-Cookie', sessions.end(c.req.raw.headers));
      return c.body(null, 204);
    });
}
