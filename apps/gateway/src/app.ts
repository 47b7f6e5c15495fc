import { apiPath, jobsPath, requestIdHeader } from '@slipway/contract/http';
import { CodedError } from '@slipway/contract/problems';
import { hasModel, taskNames } from '@slipway/contract/tasks';
import type { Queues } from '@slipway/queue/queues';
import type { Log } from '@slipway/runtime/log';
import { Hono, type MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { type RequestIdVariables, requestId } from 'hono/request-id';
import { accessLog } from './middleware/access-log.ts';
import { problemResponse } from './problem.ts';
import { healthRoutes } from './routes/health.ts';
import { jobRoutes, type TaskModels } from './routes/jobs.ts';

export interface AppDeps {
  queues: Queues;
  log: Log;
  maxBodyBytes: number;
  models: TaskModels;
  /** Takes what no route does; in development, the Vite server. */
  fallback?: MiddlewareHandler;
}

/** The table of routes and the one error handler. */
export function createApp({ queues, log, maxBodyBytes, models, fallback }: AppDeps) {
  const app = new Hono<{ Variables: RequestIdVariables }>();
  const tooLarge = new CodedError('body_too_large', `The body may have at most ${maxBodyBytes} bytes.`);

  app.use(requestId({ headerName: requestIdHeader }));
  app.use(accessLog(log));
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (c, methods) => {
        const allow = methods.join(', ');
        const answer = problemResponse(c, new CodedError('method_not_allowed', `This path takes ${allow}.`));
        answer.headers.set('Allow', allow);
        return answer;
      },
    }),
  );
  app.use(`${apiPath}/*`, bodyLimit({ maxSize: maxBodyBytes, onError: (c) => problemResponse(c, tooLarge) }));

  app.route(
    '/',
    healthRoutes(
      queues,
      taskNames.filter((task) => !hasModel(task) || models[task] !== null),
    ),
  );
  app.route(jobsPath, jobRoutes(queues, models));

  // returned, not thrown: methodNotAllowed looks at answers only
  app.all(`${apiPath}/*`, (c) => problemResponse(c, new CodedError('not_found', `No such path under ${apiPath}.`)));
  if (fallback) app.use(fallback);

  app.notFound((c) => problemResponse(c, new CodedError('not_found', 'No such path.')));
  app.onError((error, c) => {
    if (!(error instanceof CodedError)) log.error({ err: error, requestId: c.get('requestId') }, 'unexpected error');
    else if (error.cause) log.warn({ err: error.cause, code: error.code, requestId: c.get('requestId') }, error.code);
    return problemResponse(c, error);
  });
  return app;
}
