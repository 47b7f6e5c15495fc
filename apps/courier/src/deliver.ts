import { CodedError } from '@slipway/contract/problems';
import type { Delivery, WebhookPayload } from '@slipway/contract/webhooks';
import { getJob } from '@slipway/queue/inspect';
import type { Queues } from '@slipway/queue/queues';
import { noteDelivery } from '@slipway/queue/webhooks/delivery-log';
import { disableUrl, isDisabled } from '@slipway/queue/webhooks/disabled';
import type { Due, Outcome } from '@slipway/queue/webhooks/take-deliveries';
import { webhookOf } from '@slipway/queue/webhooks/webhook-of';
import type { Log } from '@slipway/runtime/log';
import type { Places } from './places.ts';
import { nextDelayMs } from './schedule.ts';
import { type Answer, type SendOptions, send } from './send.ts';
import { signedHeaders } from './sign.ts';
import { parseTarget, Refused, type Target } from './target.ts';

export interface DeliverDeps extends SendOptions {
  queues: Queues;
  places: Places;
  /** What signs for webhooks without a secret of their own. */
  secrets: () => Promise<string[]>;
  allowedHosts: readonly string[];
  /** See `retryDelaysMs`. */
  delaysMs: readonly number[];
  log: Log;
}

/** One try of one delivery: sends the job as it is now, notes what came of it. Throws CodedError `queue_unavailable`. */
export async function deliver(due: Due, deps: DeliverDeps): Promise<Outcome> {
  const { queues, allowedHosts, places } = deps;
  const found = await webhookOf(queues, due.jobId);
  if (!found) return { is: 'lost', reason: 'the job is gone' };
  const { webhook, owner } = found;
  const at = new Date();
  if (await isDisabled(queues, owner, webhook.url)) {
    const error = 'Not sent: this URL answered 410 Gone less than a day ago.';
    return settle(due, at, { status: null, error, isFinal: true }, '', deps);
  }
  let target: Target;
  try {
    target = parseTarget(webhook.url, allowedHosts);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return settle(due, at, { status: null, error: error.message, isFinal: true }, '', deps);
  }

  const leave = places.take(target.host);
  if (!leave) return { is: 'put off', ms: places.waitMs(target.host) };
  let answer: Answer | undefined;
  try {
    answer = await post(due, target, at, webhook.secret, deps);
  } finally {
    leave();
  }
  if (!answer) return { is: 'lost', reason: 'the job is gone' };
  if (answer.status === 410) {
    await disableUrl(queues, owner, webhook.url);
    const error = 'The receiver answered 410 Gone; this URL gets nothing more for a day.';
    answer = { ...answer, error, isFinal: true };
  }
  return settle(due, at, answer, target.host, deps);
}

/** Undefined where the job is gone. */
async function post(
  { id, jobId, type, timestamp }: Due,
  target: Target,
  at: Date,
  ownSecret: string | undefined,
  deps: DeliverDeps,
): Promise<Answer | undefined> {
  const job = await getJob(deps.queues, jobId).catch((error: unknown) => {
    if (error instanceof CodedError && error.code === 'job_not_found') return undefined;
    throw error;
  });
  if (!job) return undefined;
  const body = JSON.stringify({ type, timestamp, data: job } satisfies WebhookPayload);
  const secrets = ownSecret === undefined ? await deps.secrets() : [ownSecret];
  return send(target, signedHeaders(id, at, body, secrets), body, deps);
}

async function settle(due: Due, at: Date, answer: Answer, host: string, deps: DeliverDeps): Promise<Outcome> {
  const { status, error = null, isFinal = false, retryAfterMs } = answer;
  const { id, jobId, type, attempt } = due;
  const mayComeAgain = error !== null && !isFinal;
  const againMs = mayComeAgain ? nextDelayMs(deps.delaysMs, attempt, retryAfterMs, Math.random()) : undefined;
  const nextAt = againMs === undefined ? null : new Date(Date.now() + againMs).toISOString();
  const delivery: Delivery = { id, type, attempt, at: at.toISOString(), status, error, nextAt };
  await noteDelivery(deps.queues, jobId, delivery);
  // of the URL the host alone: paths and queries of webhooks hold secrets
  const line = { job: jobId, type, attempt, host, status, error, nextAt };
  if (error === null) {
    deps.log.info(line, 'delivered');
    return { is: 'over' };
  }
  deps.log.warn(line, 'not delivered');
  return againMs === undefined ? { is: 'lost', reason: error } : { is: 'failed', reason: error, againMs };
}
