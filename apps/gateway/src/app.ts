import type { DataFolder } from '@slipway/contract/data-folder';
import { apiPath, jobsPath, requestIdHeader } from '@slipway/contract/http';
import { CodedError } from '@slipway/contract/problems';
import { hasModel, taskNames } from '@slipway/contract/tasks';
import type { Queues } from '@slipway/queue/queues';
import type { RateLimiter } from '@slipway/queue/rate-limit';
import type { Log } from '@slipway/runtime/log';
import { Hono, type MiddlewareHandler } from 'hono';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { requestId } from 'hono/request-id';
import { limitReads } from './access/limits.ts';
import type { AppEnv } from './caller.ts';
import type { Desk } from './desk.ts';
import { dialectError, dialectRoutes } from './dialects/routes.ts';
import type { FileReader } from './files/file-reader.ts';
import type { UploadedFile } from './form.ts';
import { accessLog } from './middleware/access-log.ts';
import { allowOrigins } from './middleware/allow-origins.ts';
import { limitBody } from './middleware/body-limit.ts';
import type { Operator } from './operator/operator.ts';
import { problemResponse } from './problem.ts';
import type { HealthSources } from './readiness.ts';
import { healthRoutes } from './routes/health.ts';
import { jobEventRoutes } from './routes/job-events.ts';
import { jobRoutes } from './routes/jobs.ts';
import { jobBatchRoutes } from './routes/jobs-batch.ts';
import { metricsRoutes } from './routes/metrics.ts';
import { openapiRoutes } from './routes/openapi.ts';
import { taskRoutes } from './routes/tasks.ts';
import type { Services } from './services/services.ts';
import { checkSubmission, type TaskModels } from './submission.ts';

export interface AppDeps {
  queues: Queues;
  desk: Desk;
  /** Finds out who asks (access/access.ts). */
  access: MiddlewareHandler<AppEnv>;
  /** Who may see `/metrics`. */
  metricsAccess: MiddlewareHandler<AppEnv>;
  limiters: { submissions: RateLimiter; reads: RateLimiter };
  files: FileReader;
  log: Log;
  maxBodyBytes: number;
  /** Whose pages may use the API besides our own (middleware/allow-origins.ts); none by default. */
  allowedOrigins?: string[] | '*';
  /** Longest that a request of a dialect waits for its job, in milliseconds. */
  patienceMs: number;
  models: TaskModels;
  /** What the launcher found the data folder to be. */
  data?: () => DataFolder | undefined;
  /** How the archive stands (archive.ts). */
  archive?: HealthSources['archive'];
  operator: Operator;
  /** Signs the addresses of streams that clients of Replicate get. */
  streamSecret: Uint8Array;
  /** Aborted when the gateway stops: ends the streams, whose clients come back. */
  stopping: AbortSignal;
  /** What a fork brings (services/services.ts); before all routes, none of which it can shadow. */
  services?: Services;
  /** Takes what no route does; in development, the Vite server. */
  fallback?: MiddlewareHandler;
}

/** The table of routes and the one error handler. */
export function createApp(deps: AppDeps) {
  const {
    queues,
    desk,
    access,
    metricsAccess,
    limiters,
    files,
    log,
    maxBodyBytes,
    patienceMs,
    models,
    streamSecret,
    stopping,
    services,
    fallback,
  } = deps;
  const app = new Hono<AppEnv>();
  const tooLarge = new CodedError('body_too_large', `The body may have at most ${maxBodyBytes} bytes.`);

  app.use(requestId({ headerName: requestIdHeader }));
  app.use(accessLog(log));
  if (services) app.use(services.middleware);
  if (deps.allowedOrigins?.length) app.use(allowOrigins(deps.allowedOrigins));
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (c, methods) => {
        const allow = methods.join(', ');
        const error = new CodedError('method_not_allowed', `This path takes ${allow}.`);
        const answer = dialectError(c, error, log) ?? problemResponse(c, error);
        answer.headers.set('Allow', allow);
        return answer;
      },
    }),
  );
  app.use(
    `${apiPath}/*`,
    limitBody(maxBodyBytes, (c) => problemResponse(c, tooLarge)),
  );

  const names = taskNames.filter((task) => !hasModel(task) || models[task] !== null);
  const health = { data: deps.data, archive: deps.archive, services: services?.health };
  app.route('/', healthRoutes(queues, names, health));
  app.route('/', openapiRoutes());
  app.route('/', metricsRoutes(queues, metricsAccess));
  app.route(apiPath, taskRoutes(queues, names, models));
  app.route('/', deps.operator.routes(names, health));
  app.use(`${jobsPath}/*`, access, limitReads(limiters.reads));
  app.route(jobsPath, jobBatchRoutes(desk, { models, files, log, limiters }));
  app.route(jobsPath, jobRoutes(desk, { models, files, stopping, limiters }));
  app.route(jobsPath, jobEventRoutes(desk, stopping, log));

  const check = (value: unknown, file: UploadedFile | undefined, signal: AbortSignal) =>
    checkSubmission(value, { models, files, leaving: () => signal }, file);
  const dialects = { desk, check, access, limiters, models, streamSecret, maxBodyBytes, patienceMs, stopping, log };
  app.route('/', dialectRoutes(dialects));

  // returned, not thrown: methodNotAllowed looks at answers only
  app.all(`${apiPath}/*`, (c) => problemResponse(c, new CodedError('not_found', `No such path under ${apiPath}.`)));
  if (fallback) app.use(fallback);

  app.notFound((c) => problemResponse(c, new CodedError('not_found', 'No such path.')));
  app.onError((error, c) => {
    if (!(error instanceof CodedError)) log.error({ err: error, requestId: c.get('requestId') }, 'unexpected error');
    else if (error.cause) log.warn({ err: error.cause, code: error.code, requestId: c.get('requestId') }, error.code);
    return dialectError(c, error, log) ?? problemResponse(c, error);
  });
  return app;
}
