import type { Fact } from '../../../ui/Facts.tsx';
import { inWords } from '../../../ui/inWords.ts';
import type { Followed } from './followed.ts';
import { jobFacts } from './jobFacts.ts';

/** What the page shows of a job, besides its output. */
export interface JobView {
  /** One short sentence, read out when it changes. */
  state: string;
  /** True while it waits or runs: it can be canceled. */
  busy: boolean;
  /** `percent` is 0..100, null while the job waits for something. */
  progress: { percent: number | null; message: string } | null;
  /** Why there is no output, where the job has ended without one; a cancel was somebody's wish and is no failure. */
  failure: string | null;
  facts: Fact[];
}

export function viewJob(followed: Followed): JobView {
  const { state, ended } = followed;
  return {
    state: stateSentence(followed),
    busy: state === 'queued' || state === 'running',
    progress: progressOf(followed),
    failure: failureOf(followed),
    facts: ended ? jobFacts(ended) : [],
  };
}

function failureOf({ state, ended }: Followed): string | null {
  if (state === 'expired') return 'The job was not done in time and was given up.';
  if (state !== 'failed') return null;
  return ended?.error?.message ?? 'The job failed, and nothing says why.';
}

function stateSentence({ state, attempt }: Followed): string {
  if (state === 'queued') return 'Waiting';
  if (state === 'running') return attempt === undefined || attempt < 2 ? 'Running' : `Running, attempt ${attempt}`;
  return state === 'succeeded' ? 'Done' : inWords(state);
}

function progressOf({ state, progress }: Followed): JobView['progress'] {
  if (state === 'running' && !progress) return { percent: 0, message: 'Starting' };
  if (!progress || (state !== 'running' && state !== 'queued')) return null;
  const { ratio, stage, message } = progress;
  const told = message === '' ? inWords(stage) : `${inWords(stage)}: ${message}`;
  return { percent: state === 'running' ? Math.round(ratio * 100) : null, message: told };
}
