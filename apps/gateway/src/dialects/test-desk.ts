import type { JobEvent } from '@slipway/contract/events';
import { endStates, type Job, type JobState, newJobId } from '@slipway/contract/jobs';
import { CodedError, type JobError } from '@slipway/contract/problems';
import type { TaskName } from '@slipway/contract/tasks';
import type { News } from '@slipway/queue/follow';
import type { Caller } from '../caller.ts';
import type { Submission } from '../submission.ts';
import type { DialectDeps } from './deps.ts';

/** What becomes of the jobs that are submitted while it stands. */
export interface Plan {
  /** Thrown by `submit`. */
  refuse?: CodedError;
  /** Told to who follows. */
  events?: JobEvent[];
  end?: { state: JobState; output?: unknown; error?: JobError };
  /** Does not end by itself: only cancel ends it. */
  held?: boolean;
  /** Whoever waits is told at once that his time is over, and the job runs on. */
  slow?: boolean;
}

interface Entry {
  job: Job;
  plan: Plan;
  owner: string | null;
  ended: PromiseWithResolvers<void>;
}

const outputs: Partial<Record<TaskName, unknown>> = {
  summarize: { summary: 'In short.' },
  'classify-text': {
    labels: [
      { label: 'POSITIVE', score: 0.99 },
      { label: 'NEGATIVE', score: 0.01 },
    ],
  },
  'classify-image': { labels: [{ label: 'red', score: 0.9 }] },
  chat: { message: { role: 'assistant', content: 'Hello there.' }, finishReason: 'stop' },
};

export type TestDesk = ReturnType<typeof createTestDesk>;

/** A desk without a queue: jobs go as the plan says. */
export function createTestDesk() {
  const entries = new Map<string, Entry>();
  const taken: Submission[] = [];
  const canceled: string[] = [];
  let onCancel = Promise.withResolvers<string>();

  function find(id: string, { owner }: Caller): Entry {
    const entry = entries.get(id);
    if (!entry || entry.owner !== owner) throw new CodedError('job_not_found', 'There is no such job.');
    return entry;
  }

  function end(entry: Entry, state: JobState, more: Partial<Job>): void {
    if (endStates.has(entry.job.state)) return;
    const finishedAt = new Date().toISOString();
    entry.job = { ...entry.job, ...more, state, finishedAt };
    entry.ended.resolve();
  }

  function endAsPlanned(entry: Entry): void {
    const { state, output, error } = entry.plan.end ?? { state: 'succeeded', output: undefined };
    const made = state === 'succeeded' ? { output: (output ?? outputs[entry.job.task as TaskName]) as never } : {};
    end(entry, state, { ...made, ...(error && { error }) });
  }

  /** Until the job is canceled or the caller gone. */
  const hold = (entry: Entry, signal: AbortSignal) =>
    new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve());
      if (signal.aborted) resolve();
      void entry.ended.promise.then(resolve);
    });

  const desk = {
    plan: {} as Plan,
    /** What was submitted. */
    taken,
    canceled,
    /** The id of the next job that is canceled. */
    nextCancel: () => onCancel.promise,
    /** As if somebody else canceled it. */
    async cancelFirst() {
      for (const [id, { owner }] of [...entries].slice(0, 1)) await desk.cancel(id, { owner, client: '' });
    },
    async submit(submission: Submission, caller: Caller) {
      const { plan } = desk;
      if (plan.refuse) throw plan.refuse;
      taken.push(submission);
      const job = newJob(submission.task);
      entries.set(job.id, { job, plan, owner: caller.owner, ended: Promise.withResolvers() });
      return { job, replayed: false };
    },
    /** Shows one that was shown waiting as running, and one that was shown running as ended. */
    async get(id: string, caller: Caller) {
      const entry = find(id, caller);
      if (entry.job.state === 'running' && !entry.plan.held) endAsPlanned(entry);
      else if (entry.job.state === 'queued') entry.job = { ...entry.job, state: 'running' };
      return entry.job;
    },
    async untilEnd(id: string, caller: Caller, _ms: number, signal: AbortSignal) {
      const entry = find(id, caller);
      if (entry.plan.held) await hold(entry, signal);
      else if (entry.plan.slow) entry.job = { ...entry.job, state: 'running' };
      else endAsPlanned(entry);
      return entry.job;
    },
    async *follow(id: string, caller: Caller, _after: string | undefined, signal: AbortSignal): AsyncGenerator<News> {
      const entry = find(id, caller);
      yield { type: 'job', job: entry.job };
      yield { type: 'silence' };
      for (const [i, event] of (entry.plan.events ?? []).entries()) yield { type: 'event', id: `${i + 1}-0`, event };
      if (entry.plan.slow) return;
      if (entry.plan.held) await hold(entry, signal);
      else endAsPlanned(entry);
      if (endStates.has(entry.job.state)) yield { type: 'end', job: entry.job };
    },
    async cancel(id: string, caller: Caller) {
      const entry = find(id, caller);
      if (!endStates.has(entry.job.state)) {
        end(entry, 'canceled', { error: { code: 'canceled', message: 'It was canceled.' } });
        canceled.push(id);
        onCancel.resolve(id);
        onCancel = Promise.withResolvers();
      }
      return entry.job;
    },
  };
  return desk satisfies DialectDeps['desk'];
}

function newJob(task: TaskName): Job {
  const id = newJobId(task);
  const none = { startedAt: null, finishedAt: null, deadline: null, expiresAt: null, retryOf: null, erasedAt: null };
  return {
    id,
    task,
    state: 'queued',
    position: 1,
    priority: 'normal',
    tags: [],
    progress: null,
    engine: null,
    engineReason: null,
    model: null,
    metrics: { queuedMs: 5, runMs: 1500, firstTokenMs: 3, inputTokens: 11, outputTokens: 7 },
    attempts: 1,
    createdAt: new Date().toISOString(),
    ...none,
    urls: { self: '', events: '', result: '', cancel: '', retry: '' },
  };
}
