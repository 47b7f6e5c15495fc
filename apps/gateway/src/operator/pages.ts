import type { OperatorConfig } from '@slipway/config/operator';
import { CodedError } from '@slipway/contract/problems';
import type { TaskName } from '@slipway/contract/tasks';
import type { Estimator } from '@slipway/queue/estimate/estimator';
import { listJobs } from '@slipway/queue/list';
import type { Queues } from '@slipway/queue/queues';
import type { Log } from '@slipway/runtime/log';
import { type Context, Hono } from 'hono';
import type { AppEnv } from '../caller.ts';
import { limitBody } from '../middleware/body-limit.ts';
import { toProblem } from '../problem.ts';
import type { HealthSources } from '../readiness.ts';
import { refuseForeign } from './foreign.ts';
import { pageHeaders } from './frame.ts';
import { faultPage } from './login-page.ts';
import type { Session, Sessions } from './sessions.ts';
import { type SignInDeps, signInPages } from './sign-in.ts';
import { adminState } from './state.ts';
import { statePage } from './state-page.ts';

/** A form here holds a password and a path. */
const mostFormBytes = 16 * 1024;
const newestJobs = 20;

export interface OperatorPagesDeps extends SignInDeps {
  config: OperatorConfig;
  onSpace: boolean;
  sessions: Sessions;
  queues: Queues;
  estimator: Estimator;
  tasks: TaskName[];
  health: HealthSources;
  log: Log;
}

/** What is served here, for the test that everything served is described: these are pages, not the API. */
export const operatorPaths = [
  'GET /admin',
  'GET /admin/',
  'GET /admin/login',
  'POST /admin/login',
  'GET /admin/login/hub',
  'GET /login/callback',
  'POST /admin/sign-out',
  'POST /admin/sign-out-everywhere',
];

/** The pages of the operator: plain HTML, so that they work whatever else does not. */
export function operatorPages(deps: OperatorPagesDeps): Hono<AppEnv> {
  const { config, onSpace, sessions, queues, estimator, tasks, health, log } = deps;
  const headers = pageHeaders(onSpace);
  const tooLarge = new CodedError('body_too_large', `A form may have at most ${mostFormBytes} bytes.`);

  function fault(c: Context<AppEnv>, error: unknown): Promise<Response> {
    if (!(error instanceof CodedError)) log.error({ err: error, requestId: c.get('requestId') }, 'unexpected error');
    else if (error.cause) log.warn({ err: error.cause, code: error.code, requestId: c.get('requestId') }, error.code);
    const { title, detail, status } = toProblem(error, c.get('requestId'));
    for (const [name, value] of Object.entries(headers)) c.header(name, value);
    if (error instanceof CodedError && error.retryAfterSeconds !== undefined)
      c.header('Retry-After', String(error.retryAfterSeconds));
    return Promise.resolve(c.html(faultPage(title, detail, c.get('requestId')), status as 400));
  }

  const jobsFor = ({ role }: Session) =>
    role === 'operator' ? listJobs(queues, { limit: newestJobs }, { estimator }).catch(() => null) : null;

  const pages = new Hono<AppEnv>();
  for (const path of ['/admin/*', '/login/*'])
    pages.use(
      path,
      async (c, next) => {
        for (const [name, value] of Object.entries(headers)) c.header(name, value);
        await next();
      },
      refuseForeign(config.hosts),
      limitBody(mostFormBytes, (c) => fault(c, tooLarge)),
    );
  return pages
    .get('/admin', (c) => c.redirect('/admin/', 308))
    .get('/admin/', async (c) => {
      const session = await sessions.find(c.req.raw);
      if (session === null) return c.redirect('/admin/login', 303);
      const [state, jobs] = await Promise.all([adminState(queues, tasks, session, health), jobsFor(session)]);
      return c.html(statePage(state, jobs));
    })
    .post('/admin/sign-out', (c) => {
      c.header('Set-Cookie', sessions.end(c.req.raw.headers));
      return c.redirect('/admin/login', 303);
    })
    .post('/admin/sign-out-everywhere', async (c) => {
      const session = await sessions.find(c.req.raw);
      if (session?.role !== 'operator') throw new CodedError('forbidden', 'Only an operator can sign everybody out.');
      await sessions.endAll(session);
      c.header('Set-Cookie', sessions.end(c.req.raw.headers));
      return c.redirect('/admin/login', 303);
    })
    .route('/', signInPages(deps))
    .onError((error, c) => fault(c, error));
}
