import type { TaskInput, TaskName, TaskOptionsGiven, tasks } from '@slipway/contract/tasks';

/** The tasks whose input may come as a file. */
export type UploadTaskName = {
  [T in TaskName]: (typeof tasks)[T]['upload'] extends undefined ? never : T;
}[TaskName];

/** What the caller says about a job besides its input. */
export interface SubmitTerms {
  /** The job ends as `expired` if it is not done by then; a string is ISO 8601. */
  deadline?: Date | string | undefined;
  /** Longest run of one attempt, in milliseconds; at most the task's own limit. */
  timeLimitMs?: number | undefined;
}

const isoTime = (time: Date | string | undefined) => (time instanceof Date ? time.toISOString() : time);

/** A submission as JSON. */
export function jsonSubmission<T extends TaskName>(
  task: T,
  input: TaskInput<T>,
  options: TaskOptionsGiven<T> | undefined,
  { deadline, timeLimitMs }: SubmitTerms,
): RequestInit {
  const body = JSON.stringify({ task, input, options, deadline: isoTime(deadline), timeLimitMs });
  return { method: 'POST', headers: { 'Content-Type': 'application/json' }, body };
}

/** A submission as a form with a file. The small parts come first, so that their faults can be told before the file is read. */
export function formSubmission<T extends UploadTaskName>(
  task: T,
  file: Blob,
  options: TaskOptionsGiven<T> | undefined,
  { deadline, timeLimitMs }: SubmitTerms,
): RequestInit {
  const body = new FormData();
  body.append('task', task);
  if (options !== undefined) body.append('options', JSON.stringify(options));
  const until = isoTime(deadline);
  if (until !== undefined) body.append('deadline', until);
  if (timeLimitMs !== undefined) body.append('timeLimitMs', String(timeLimitMs));
  body.append('file', file); // a File keeps its name
  return { method: 'POST', body };
}
