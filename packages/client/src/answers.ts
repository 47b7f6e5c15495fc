import { jobEventSchema } from '@slipway/contract/events';
import { type JobList, jobListSchema, listedJobSchema } from '@slipway/contract/job-list';
import { type Job, jobSchema, taskOfJobId } from '@slipway/contract/jobs';
import { jobErrorSchema, problemSchema } from '@slipway/contract/problems';
import { isTaskName, type TaskName, type TaskOutput, tasks } from '@slipway/contract/tasks';
import type { AnyProblem } from './errors.ts';
import type { StreamEvent } from './stream.ts';

/** What reads an answer: a zod schema, or a few of them in a row. */
export interface Answer<T> {
  safeParse(value: unknown): { success: true; data: T } | { success: false; error: Error };
}

/** A newer service may have codes that this copy of the contract doesn't know, and engines: any text will do. */
const anyText = problemSchema.shape.title;
export const anyProblemSchema = problemSchema.extend({ code: anyText });
const fromNewer = {
  error: jobErrorSchema.extend({ code: anyText }).optional(),
  engine: anyText.nullable(),
};
const anyJobSchema = jobSchema.extend(fromNewer);
const anyListSchema = jobListSchema.extend({ jobs: listedJobSchema.extend(fromNewer).array() });

/** A job, its output read by its own task's schema. */
export const jobAnswer: Answer<Job> = {
  safeParse(value) {
    const { success, data: job, error } = anyJobSchema.safeParse(value);
    if (!success) return { success, error };
    const { output: raw, ...rest } = job as typeof job & Job;
    // the output of a task that this copy of the contract doesn't know is left out rather than passed on unread
    if (raw === undefined || !isTaskName(job.task)) return { success, data: rest };
    const output = tasks[job.task].output.safeParse(raw);
    return output.success ? { success, data: { ...rest, output: output.data } } : output;
  },
};

export const listAnswer = anyListSchema as Answer<unknown> as Answer<JobList>;

/** One submission of many: the job, or why there is none. */
export type Taken<T extends TaskName = TaskName> = { job: Job<T> } | { problem: AnyProblem };

/** What became of `count` submissions, in their order. */
export function batchAnswer(count: number): Answer<Taken[]> {
  return {
    safeParse(value) {
      const items = isObject(value) && Array.isArray(value.jobs) ? (value.jobs as unknown[]) : [];
      const taken: Taken[] = [];
      for (const item of items) {
        const read = readTaken(item);
        if (!read.success) return read;
        taken.push(read.data);
      }
      if (taken.length === count) return { success: true, data: taken };
      return { success: false, error: new Error(`${taken.length} answers to ${count} submissions`) };
    },
  };
}

function readTaken(item: unknown): ReturnType<Answer<Taken>['safeParse']> {
  if (isObject(item) && 'problem' in item) {
    const problem = anyProblemSchema.safeParse(item.problem);
    return problem.success ? { success: true, data: { problem: problem.data } } : problem;
  }
  const job = jobAnswer.safeParse(isObject(item) ? item.job : undefined);
  return job.success ? { success: true, data: { job: job.data } } : job;
}

/** The bare output of a job, whose task its id names. */
export function outputAnswer(id: string): Answer<TaskOutput<TaskName>> {
  const task = taskOfJobId(id);
  if (task) return tasks[task].output;
  return { safeParse: () => ({ success: false, error: new Error('an output of a task that is not known here') }) };
}

/** One event of a stream; the job of `done` is read as any job. */
export const eventAnswer: Answer<StreamEvent> = {
  safeParse(value) {
    if (!isObject(value) || value.type !== 'done') return jobEventSchema.safeParse(value);
    const job = jobAnswer.safeParse(value.job);
    return job.success ? { success: true, data: { type: 'done', job: job.data } } : job;
  },
};

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
