/**
 * The inference process. A model call blocks the event loop of its process for as long as it computes, so it runs here
 * and not in the worker, which has locks to renew and signals to answer. It lives and dies with the worker.
 */
import { CodedError, type ProblemCode } from '@slipway/contract/problems';
import type { TaskInput, TaskName, TaskOptions } from '@slipway/contract/tasks';
import type { RunContext } from '@slipway/inference/engine';
import { createLog } from '@slipway/runtime/log';
import type { Handler } from './handlers/handler.ts';
import { handlers } from './handlers/index.ts';
import { LoadedModels } from './loaded-models.ts';
import type { ChildJob, FromChild, ToChild } from './messages.ts';

const log = createLog('inference', process.argv[2] ?? 'info');
const running = new Map<string, AbortController>();
const models = new LoadedModels({
  loading: (task) => send({ type: 'loading', task }),
  loaded: (task) => send({ type: 'loaded', task }),
  failed: (task, err) => {
    log.error({ err, task }, 'the model cannot be loaded');
    send({ type: 'load-failed', task, reason: err instanceof Error ? err.message : String(err) });
  },
});

async function run(job: ChildJob): Promise<void> {
  const abort = new AbortController();
  running.set(job.id, abort);
  const context: RunContext = {
    report: (progress) => send({ type: 'progress', id: job.id, progress }),
    output: (text) => send({ type: 'output', id: job.id, text }),
    log: (line) => send({ type: 'log', id: job.id, line }),
    signal: abort.signal,
  };
  try {
    if (job.model) {
      context.report({ ratio: 0, stage: 'loading-model', message: `loading ${job.model.id}` });
      await models.load(job.model);
    }
    const handled = await handle(job.task, job, context);
    send({ type: 'done', id: job.id, handled, rssBytes: process.memoryUsage.rss() });
  } catch (error) {
    send({ type: 'failed', id: job.id, ...failure(error), rssBytes: process.memoryUsage.rss() });
  } finally {
    running.delete(job.id);
  }
}

/** The worker parsed input and options by the task's schemas, so the types hold. */
function handle<T extends TaskName>(task: T, job: ChildJob, context: RunContext) {
  const handler: Handler<T> = handlers[task];
  const typed = { input: job.input as TaskInput<T>, options: job.options as TaskOptions<T> };
  return handler(typed, { ...context, models, engine: job.engine });
}

function failure(error: unknown): { code: ProblemCode; message: string } {
  if (error instanceof CodedError) return { code: error.code, message: error.message };
  log.error({ err: error }, 'unexpected error in a job');
  return { code: 'internal', message: 'The job failed for a reason that the log of the worker tells.' };
}

function send(message: FromChild): void {
  process.send?.(message);
}

process.on('message', (message: ToChild) => {
  if (message.type === 'load')
    void models.load(message.model).catch(() => {}); // told by its event
  else if (message.type === 'run') void run(message.job);
  else running.get(message.id)?.abort(new CodedError('canceled', 'The job was stopped.'));
});

// Without these, a process whose worker was killed would compute for ever as nobody's child.
process.on('disconnect', () => process.exit(0));
process.prependListener('uncaughtException', (error: NodeJS.ErrnoException) => {
  if (error.code === 'ERR_IPC_CHANNEL_CLOSED' || error.code === 'EPIPE') process.exit(0);
  log.fatal({ err: error }, 'the inference process ends');
  process.exit(1);
});
// The worker alone decides when this process ends; a signal to the whole group must not cut a job off.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});

send({ type: 'up' });
