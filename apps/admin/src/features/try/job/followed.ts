import type { JobEvent } from '@slipway/contract/events';
import { type Estimate, endStates, type Job, type JobState, type Progress } from '@slipway/contract/jobs';

/** What has been told of a job so far. */
export interface Followed {
  id: string;
  state: JobState;
  /** Place in line of a job that waits, 1 is next. */
  position: number | undefined;
  /** Which attempt runs, 1 is the first. */
  attempt: number | undefined;
  progress: Progress | null;
  /** When it is likely to start and to end; null where that is not known. */
  estimate: Estimate | null;
  /** The output as far as it is generated. */
  text: string;
  /** Sentences about what is being done. */
  lines: string[];
  /** The job itself, once it has ended. */
  ended: Job | null;
}

export type Told = JobEvent | { type: 'done'; job: Job };

/** A job that nothing has been told of yet. */
export function unheard(id: string): Followed {
  return {
    id,
    state: 'queued',
    position: undefined,
    attempt: undefined,
    progress: null,
    estimate: null,
    text: '',
    lines: [],
    ended: null,
  };
}

export const taken = ({ id, state, position, estimate }: Job): Followed => ({
  ...unheard(id),
  state,
  position,
  estimate: estimate ?? null,
});

/**
 * What is known after a look at the job. Events tell more and sooner, but for the estimate; where none come (a proxy on
 * the way may hold them back until the end) the look tells the rest too.
 */
export function see(known: Followed, job: Job, isSilent: boolean): Followed {
  const { state, position, attempts, progress } = job;
  const estimate = job.estimate ?? null;
  if (!isSilent) return { ...known, estimate };
  if (endStates.has(state)) return hear(known, { type: 'done', job });
  return { ...known, state, position, attempt: state === 'running' ? attempts : undefined, progress, estimate };
}

/** What is known after an event. */
export function hear(known: Followed, event: Told): Followed {
  switch (event.type) {
    case 'state': {
      const { state, position, attempt } = event;
      // what was written before an end stays, to be seen
      if (endStates.has(state)) return { ...known, state, position: undefined };
      // a place in line says nothing new of what is waited for; all else begins anew
      const same = known.state === state && known.attempt === attempt;
      return { ...known, state, position, attempt, text: '', progress: same ? known.progress : null };
    }
    case 'progress':
      return { ...known, progress: { ratio: event.ratio, stage: event.stage, message: event.message } };
    case 'output':
      return { ...known, text: known.text + event.text };
    case 'log':
      return { ...known, lines: [...known.lines, event.line] };
    case 'done':
      return { ...known, state: event.job.state, position: undefined, ended: event.job };
  }
}
