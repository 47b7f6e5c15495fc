/**
 * The inference process. A model call blocks the event loop of its process for as long as it computes, so it runs here
 * and not in the worker, which has locks to renew and signals to answer. It lives and dies with the worker.
 */
import type { EngineName } from '@slipway/contract/engines';
import { CodedError, type ProblemCode } from '@slipway/contract/problems';
import type { TaskInput, TaskName, TaskOptions } from '@slipway/contract/tasks';
import type { RunContext, Summarizer } from '@slipway/inference/engine';
import { createExtractiveSummarizer } from '@slipway/inference/extractive/summarizer';
import { loadSummarizer } from '@slipway/inference/transformers/summarizer';
import { createLog } from '@slipway/runtime/log';
import type { Handler, Models } from './handlers/handler.ts';
import { handlers } from './handlers/index.ts';
import type { ChildJob, FromChild, ModelFiles, ToChild } from './messages.ts';

const log = createLog('inference', process.argv[2] ?? 'info');
const running = new Map<string, AbortController>();
const extractive = createExtractiveSummarizer();
let loading: Promise<Summarizer> | undefined;

const models: Models = {
  summarizer(engine: EngineName) {
    if (engine === 'extractive') return Promise.resolve(extractive);
    return loading ?? Promise.reject(new CodedError('model_unavailable', 'No model is loaded.'));
  },
};

function load(model: ModelFiles): void {
  loading = loadSummarizer(model);
  loading.then(
    () => send({ type: 'loaded' }),
    (error: unknown) => {
      loading = undefined; // a failed load must not be remembered
      log.error({ err: error, model: model.id }, 'the model cannot be loaded');
      send({ type: 'load-failed', reason: error instanceof Error ? error.message : String(error) });
    },
  );
}

async function run(job: ChildJob): Promise<void> {
  const abort = new AbortController();
  running.set(job.id, abort);
  const context: RunContext = {
    report: (progress) => send({ type: 'progress', id: job.id, progress }),
    signal: abort.signal,
  };
  try {
    const handled = await handle(job.task, job, context);
    send({ type: 'done', id: job.id, handled });
  } catch (error) {
    send({ type: 'failed', id: job.id, ...failure(error) });
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
  if (message.type === 'load') load(message.model);
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
