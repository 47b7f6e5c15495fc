import { exampleOf } from '../catalogue.ts';
import type { JobEvent } from '../events.ts';
import { jobCancelPath, jobEventsPath, jobPath, jobResultPath, jobRetryPath } from '../http.ts';
import type { Job } from '../jobs.ts';
import type { Problem } from '../problems.ts';
import type { TaskDefinition } from '../task.ts';
import { type TaskName, taskNames, tasks } from '../tasks.ts';

/** An OpenAPI Example Object. */
export interface Example {
  summary: string;
  value: unknown;
}
type Examples = Record<string, Example>;

/** A submission of each task whose definition has an example. */
export function submissionExamples(names: TaskName[] = taskNames): Examples {
  const pairs = names.map((name) => [name, { summary: tasks[name].title, value: exampleOf(name) }] as const);
  return Object.fromEntries(pairs.filter(([, { value }]) => value !== undefined));
}

/** A form with a file for each task that takes one; the file's value is a name that it may have. */
export function uploadExamples(names: TaskName[] = taskNames): Examples {
  const pairs = names.map((task) => [task, (tasks[task] as TaskDefinition).upload?.kind] as const);
  const withFile = pairs.filter(([, kind]) => kind !== undefined);
  return Object.fromEntries(
    withFile.map(([task, kind]) => [
      task,
      {
        summary: `${tasks[task].title}, from a file`,
        value: { task, file: kind === 'image' ? 'photo.jpg' : 'report.pdf' },
      },
    ]),
  );
}

export const jobId = 'summarize_Zx3l0vYkQ5Kq1nW8sT2uPg';

const queued: Job<'summarize'> = {
  id: jobId,
  task: 'summarize',
  state: 'queued',
  position: 1,
  estimate: { startsAt: '2030-01-31T12:00:00.000Z', endsAt: '2030-01-31T12:00:02.200Z' },
  priority: 'normal',
  tags: [],
  progress: null,
  engine: null,
  engineReason: null,
  model: null,
  metrics: { queuedMs: null, runMs: null, firstTokenMs: null, inputTokens: null, outputTokens: null },
  attempts: 0,
  createdAt: '2030-01-31T12:00:00.000Z',
  startedAt: null,
  finishedAt: null,
  deadline: null,
  expiresAt: null,
  retryOf: null,
  erasedAt: null,
  urls: {
    self: jobPath(jobId),
    events: jobEventsPath(jobId),
    result: jobResultPath(jobId),
    cancel: jobCancelPath(jobId),
    retry: jobRetryPath(jobId),
  },
};

const output = { summary: 'The harbour of 1880 is a museum today.' };

const succeeded: Job<'summarize'> = {
  ...queued,
  state: 'succeeded',
  position: undefined,
  estimate: undefined,
  engine: 'transformers',
  engineReason: 'its model is ready',
  model: 'Xenova/distilbart-cnn-6-6',
  output,
  metrics: { queuedMs: 12, runMs: 2_140, firstTokenMs: 480, inputTokens: 47, outputTokens: 11 },
  attempts: 1,
  startedAt: '2030-01-31T12:00:00.012Z',
  finishedAt: '2030-01-31T12:00:02.152Z',
  expiresAt: '2030-02-07T12:00:02.152Z',
};

const canceled: Job<'summarize'> = {
  ...queued,
  state: 'canceled',
  position: undefined,
  estimate: undefined,
  error: { code: 'canceled', message: 'The job was canceled.' },
  finishedAt: '2030-01-31T12:00:01.000Z',
  expiresAt: '2030-02-07T12:00:01.000Z',
};

const running: Job<'summarize'> = {
  ...queued,
  state: 'running',
  position: undefined,
  estimate: undefined,
  attempts: 1,
  startedAt: '2030-01-31T12:00:00.012Z',
};

const erased: Job<'summarize'> = { ...succeeded, output: undefined, erasedAt: '2030-01-31T13:00:00.000Z' };

export const submittedExample: Examples = { queued: { summary: 'Taken', value: queued } };
export const jobExamples: Examples = {
  queued: { summary: 'It waits', value: queued },
  succeeded: { summary: 'It has succeeded', value: succeeded },
};
export const canceledExample: Examples = { canceled: { summary: 'Canceled while it waited', value: canceled } };
export const erasedExample: Examples = { erased: { summary: 'Erased after its end', value: erased } };
export const toBeErasedExample: Examples = { running: { summary: 'It has yet to stop', value: running } };
export const retryExamples: Examples = {
  same: { summary: 'As it was', value: {} },
  edited: { summary: 'With another input', value: { input: { text: 'Another text, to be summarized in its place.' } } },
};
export const resultExample: Examples = { summarize: { summary: 'A summary', value: output } };

const events: [id: string, event: JobEvent | { type: 'done'; job: Job }][] = [
  ['1896091200012-0', { type: 'state', state: 'running', attempt: 1 }],
  ['1896091200480-0', { type: 'progress', ratio: 0.2, stage: 'generate', message: 'Writing the summary.' }],
  ['1896091200490-0', { type: 'output', text: output.summary }],
  ['end', { type: 'done', job: succeeded }],
];
const lines = events.map(([id, event]) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\nid: ${id}\n\n`);
export const eventsExample: Examples = {
  summary: { summary: 'A summary, from its start', value: `retry: 1000\n\n${lines.join('')}` },
};

const problem: Problem = {
  type: 'about:blank',
  title: 'The request does not fit the schema',
  status: 422,
  code: 'invalid_input',
  detail: '/input/text must not be empty or blank.',
  requestId: '6f1c2a70-5d0e-4c39-9a53-0b8f4f4e9a11',
  errors: [{ pointer: '/input/text', message: 'must not be empty or blank' }],
};
/** Answers to a faulty input, by the code. */
export const problemExamples: Partial<Record<string, Examples>> = {
  invalid_input: { invalid_input: { summary: 'A text that is blank', value: problem } },
};
