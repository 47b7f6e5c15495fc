import type { JobEvent } from '@slipway/contract/events';
import { endStates, type Job, type JobState, type Progress } from '@slipway/contract/jobs';

/** What has been told of a job so far. */
export interface Followed {
  id: string;
  state: JobState;
  /** Place in line of a job that waits, 1 is next. */
  position: number | undefined;
  /** Which attempt runs, 1 is the first. */
  attempt: number | undefined;
  progress: Progress | null;
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
    text: '',
    lines: [],
    ended: null,
  };
}

export const taken = ({ id, state, position }: Job): Followed => ({ ...unheard(id), state, position });

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
