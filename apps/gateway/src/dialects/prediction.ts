import { endStates, type Job } from '@slipway/contract/jobs';

/** A prediction's addresses are absolute: the client opens them as they are. */
export interface Links {
  get: string;
  cancel: string;
  stream: string;
}

/** What the client waits to read: any other word, and it polls for ever. */
type Status = 'starting' | 'processing' | 'succeeded' | 'failed' | 'canceled';

/** A job as a prediction: https://replicate.com/docs/reference/http#predictions.get. The input is not given back. */
export function toPrediction(job: Job, urls: Links, status = statusOf(job)) {
  const { id, task, model, metrics, createdAt, startedAt, finishedAt } = job;
  return {
    id,
    model: model ?? `slipway/${task}`,
    version: task,
    input: {},
    output: job.state === 'succeeded' ? outputOf(job) : null,
    error: status === 'failed' ? (job.error?.message ?? 'The job failed.') : null,
    status,
    logs: '',
    source: 'api',
    data_removed: job.erasedAt !== null,
    created_at: createdAt,
    started_at: startedAt,
    completed_at: finishedAt,
    metrics: {
      ...(metrics.runMs !== null && { predict_time: metrics.runMs / 1000 }),
      ...(metrics.inputTokens !== null && { input_token_count: metrics.inputTokens }),
      ...(metrics.outputTokens !== null && { output_token_count: metrics.outputTokens }),
    },
    urls,
  };
}

/**
 * The same for the answer to a POST. An unfinished one is always `starting`: after a wait the client takes every other
 * word for the end, and its output for the result.
 */
export const toNewPrediction = (job: Job, urls: Links) =>
  toPrediction(job, urls, endStates.has(job.state) ? statusOf(job) : 'starting');

function statusOf({ state }: Job): Status {
  if (state === 'queued') return 'starting';
  if (state === 'running') return 'processing';
  return state === 'expired' ? 'failed' : state;
}

/** A text, the list of labels, or for a task that this file does not know all of it. */
function outputOf({ output }: Job): unknown {
  if (!output) return null;
  if ('summary' in output) return output.summary;
  if ('message' in output) return output.message.content;
  return 'labels' in output ? output.labels : output;
}
