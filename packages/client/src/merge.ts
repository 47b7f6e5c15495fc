import { endStates, type Job } from '@slipway/contract/jobs';
import type { StreamEvent } from './stream.ts';

/**
 * Takes a job as it was looked at and then the events of its stream, one by one, and returns the job as it is by then.
 * A new stream tells from the first attempt on; what is older than the look changes nothing.
 */
export function createMerger(looked: Job): (event: StreamEvent) => Job {
  let job = looked;
  const attemptDue = looked.state === 'queued' ? looked.attempts + 1 : looked.attempts;
  let isPast = true;

  return (event) => {
    if (event.type === 'done') job = event.job;
    else if (event.type === 'state') {
      // one without an id is about now
      if (event.state === 'running' && (event.attempt ?? attemptDue) >= attemptDue) isPast &&= event.id === undefined;
      const isNews = !isPast || event.id === undefined;
      // an end comes with its output or error, at once
      if (isNews && !endStates.has(event.state)) job = withState(job, event);
    } else if (event.type === 'progress' && !isPast && event.ratio >= (job.progress?.ratio ?? 0)) {
      const { ratio, stage, message } = event;
      job = { ...job, progress: { ratio, stage, message } };
    }
    return job;
  };
}

function withState(job: Job, event: Extract<StreamEvent, { type: 'state' }>): Job {
  const { position: _, ...rest } = job;
  const { id, state, position, attempt: attempts = job.attempts } = event;
  // a job that waits for its model is neither in line nor handed back, and keeps saying so
  const isBackInLine = state === 'queued' && (position !== undefined || id !== undefined);
  const progress = isBackInLine || attempts > job.attempts ? null : job.progress;
  return { ...rest, state, attempts, progress, ...(position !== undefined && { position }) };
}
