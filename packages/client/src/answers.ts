import { streamEventSchema } from '@slipway/contract/events';
import { type Job, jobSchema, taskOfJobId } from '@slipway/contract/jobs';
import { isTaskName, type TaskName, type TaskOutput, tasks } from '@slipway/contract/tasks';
import type { StreamEvent } from './stream.ts';

/** What reads an answer: a zod schema, or a few of them in a row. */
export interface Answer<T> {
  safeParse(value: unknown): { success: true; data: T } | { success: false; error: Error };
}

/** A job, its output read by its own task's schema. */
export const jobAnswer: Answer<Job> = {
  safeParse(value) {
    const { success, data: job, error } = jobSchema.safeParse(value);
    if (!success) return { success, error };
    const { output: raw, ...rest } = job;
    // the output of a task that this copy of the contract doesn't know is left out rather than passed on unread
    if (raw === undefined || !isTaskName(job.task)) return { success, data: rest };
    const output = tasks[job.task].output.safeParse(raw);
    return output.success ? { success, data: { ...rest, output: output.data } } : output;
  },
};

/** The bare output of a job, whose task its id names. */
export function outputAnswer(id: string): Answer<TaskOutput<TaskName>> {
  const task = taskOfJobId(id);
  if (task) return tasks[task].output;
  return { safeParse: () => ({ success: false, error: new Error('an output of a task that is not known here') }) };
}

/** One event of a stream; the job of `done` is read as any job. */
export const eventAnswer: Answer<StreamEvent> = {
  safeParse(value) {
    const { success, data: event, error } = streamEventSchema.safeParse(value);
    if (!success) return { success, error };
    if (event.type !== 'done') return { success, data: event };
    const job = jobAnswer.safeParse(event.job);
    return job.success ? { success, data: { type: 'done', job: job.data } } : job;
  },
};
