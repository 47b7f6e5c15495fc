import { apiPath, jobsPath, requestIdHeader } from '@slipway/contract/http';
import { CodedError } from '@slipway/contract/problems';
import { hasModel, taskNames } from '@slipway/contract/tasks';
import type { Queues } from '@slipway/queue/queues';
import type { Watcher } from '@slipway/queue/watch';
import type { Log } from '@slipway/runtime/log';
import { Hono, type MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { type RequestIdVariables, requestId } from 'hono/request-id';
import type { FileReader } from './files/file-reader.ts';
import { accessLog } from './middleware/access-log.ts';
import { problemResponse } from './problem.ts';
import { healthRoutes } from './routes/health.ts';
import { jobEventRoutes } from './routes/job-events.ts';
import { jobRoutes } from './routes/jobs.ts';
import { openapiRoutes } from './routes/openapi.ts';
import { taskRoutes } from './routes/tasks.ts';
import type { TaskModels } from './submission.ts';

export interface AppDeps {
  queues: Queues;
  watcher: Watcher;
  files: FileReader;
  log: Log;
  maxBodyBytes: number;
  models: TaskModels;
  /** Aborted when the gateway stops: ends the streams, whose clients come back. */
  stopping: AbortSignal;
  /** Takes what no route does; in development, the Vite server. */
  fallback?: MiddlewareHandler;
}

/** The table of routes and the one error handler. */
export function createApp({ queues, watcher, files, log, maxBodyBytes, models, stopping, fallback }: AppDeps) {
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

  const names = taskNames.filter((task) => !hasModel(task) || models[task] !== null);
  app.route('/', healthRoutes(queues, names));
  app.route('/', openapiRoutes());
  app.route(apiPath, taskRoutes(queues, names, models));
  app.route(jobsPath, jobRoutes(queues, { models, files }));
  app.route(jobsPath, jobEventRoutes({ queues, watcher }, stopping, log));

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
