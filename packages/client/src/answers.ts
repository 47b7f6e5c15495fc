import { type Job, jobSchema } from '@slipway/contract/jobs';
import { isTaskName, tasks } from '@slipway/contract/tasks';

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
