import type { Job, JobState } from '@slipway/contract/jobs';
import type { Fact } from '../../ui/Facts.tsx';

export type SummaryJob = Job<'summarize'>;

/** What the page shows of a job. */
export interface JobView {
  /** One short sentence, read out when it changes. */
  state: string;
  /** `percent` is 0..100; given only while the job runs. */
  progress: { percent: number; message: string } | null;
  summary: string | null;
  /** Why there is no summary, where the job has ended without one. */
  failure: string | null;
  facts: Fact[];
}

const endings: Partial<Record<JobState, string>> = {
  canceled: 'The job was canceled before it ended.',
  expired: 'The job waited too long and was given up.',
};

export function viewJob(job: SummaryJob): JobView {
  return {
    state: stateSentence(job),
    progress: job.state === 'running' ? progressOf(job) : null,
    summary: job.output?.summary ?? null,
    failure: job.state === 'failed' ? failureOf(job) : (endings[job.state] ?? null),
    facts: factsOf(job),
  };
}

function stateSentence({ state, position }: SummaryJob): string {
  if (state === 'queued') return position === undefined ? 'Waiting' : `Waiting, position ${position}`;
  if (state === 'succeeded') return 'Done';
  return state.charAt(0).toUpperCase() + state.slice(1);
}

function progressOf({ progress }: SummaryJob) {
  if (!progress) return { percent: 0, message: 'Starting' };
  return { percent: Math.round(progress.ratio * 100), message: progress.message || progress.stage };
}

const failureOf = ({ error }: SummaryJob) => error?.message ?? 'The job failed, and nothing says why.';

function factsOf({ engine, engineReason, model, metrics }: SummaryJob): Fact[] {
  const facts: Fact[] = [];
  if (engine) facts.push({ name: 'Engine', value: engine, testId: 'engine' });
  if (engineReason) facts.push({ name: 'Why this engine', value: engineReason });
  if (model) facts.push({ name: 'Model', value: model, testId: 'model' });
  if (metrics.queuedMs !== null) facts.push({ name: 'Waited', value: duration(metrics.queuedMs) });
  if (metrics.runMs !== null) facts.push({ name: 'Ran', value: duration(metrics.runMs) });
  return facts;
}

/** Milliseconds as a person says them: `240 ms`, `12.3 s`, `2 min 5 s`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
