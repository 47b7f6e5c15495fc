import { apiPath, jobsPath } from '../http.ts';
import {
  canceledExample,
  type Example,
  eventsExample,
  jobExamples,
  jobId,
  resultExample,
  submissionExamples,
  submittedExample,
  uploadExamples,
} from './examples.ts';
import type { RequestCode } from './request-problems.ts';
import { ref, type Schema } from './schemas.ts';

/** Everything that is answered over HTTP, one entry each. What is not here is not part of the API. */

export type HeaderName = 'Location' | 'Retry-After' | 'X-Request-Id';

export interface Content {
  schema: Schema;
  examples?: Record<string, Example>;
  /** Media types of the parts of a form that are not text. */
  encoding?: Record<string, { contentType: string }>;
}

export interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required?: boolean;
  description: string;
  schema: Schema;
  example?: unknown;
}

export interface Answer {
  description: string;
  headers?: HeaderName[];
  /** By media type; none where the body is empty. */
  content?: Record<string, Content>;
}

export interface Route {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  path: string;
  /** Names the operation in generated clients. */
  id: string;
  tag: 'Jobs' | 'Catalogue' | 'House';
  summary: string;
  description?: string;
  parameters?: Parameter[];
  /** By media type. */
  body?: Record<string, Content>;
  answers: Record<number, Answer>;
  /** What it may end in, besides what any request may. */
  problems: RequestCode[];
}

const json = (name: string, examples?: Record<string, Example>): Record<string, Content> => ({
  'application/json': { schema: ref(name), ...(examples && { examples }) },
});

const idParameter: Parameter = {
  name: 'id',
  in: 'path',
  required: true,
  description: 'The id of the job.',
  schema: { type: 'string' },
  example: jobId,
};

/** The whole stream; each event's `data` is JSON. OpenAPI 3.1 has no other words for it. */
const eventStream: Schema = {
  type: 'string',
  contentMediaType: 'text/event-stream',
  contentSchema: { type: 'array', items: ref('JobEvent') },
};

export const routes: Route[] = [
  {
    method: 'post',
    path: jobsPath,
    id: 'submitJob',
    tag: 'Jobs',
    summary: 'Submit a job',
    description:
      'Answers as soon as the job is kept. Follow it at `urls.self` or `urls.events`. As `multipart/form-data`, a file stands for the input.',
    body: {
      ...json('Submission', submissionExamples()),
      'multipart/form-data': {
        schema: ref('Upload'),
        examples: uploadExamples(),
        encoding: { options: { contentType: 'application/json' } },
      },
    },
    answers: {
      202: {
        description: 'The job is kept and will run.',
        headers: ['Location', 'Retry-After'],
        content: json('Job', submittedExample),
      },
    },
    problems: [
      'invalid_json',
      'invalid_encoding',
      'body_too_large',
      'unsupported_media_type',
      'invalid_input',
      'task_disabled',
      'queue_unavailable',
    ],
  },
  {
    method: 'get',
    path: `${jobsPath}/{id}`,
    id: 'getJob',
    tag: 'Jobs',
    summary: 'Read a job',
    parameters: [idParameter],
    answers: { 200: { description: 'The job as it is now.', content: json('Job', jobExamples) } },
    problems: ['job_not_found', 'queue_unavailable'],
  },
  {
    method: 'get',
    path: `${jobsPath}/{id}/events`,
    id: 'streamJobEvents',
    tag: 'Jobs',
    summary: 'Follow a job',
    description:
      'Server-sent events until the job has ended: `event` is the type, `data` the event as JSON, `id` what to resume after. The last one is `done`, with the whole job. A `state` about a job that waits has no id. Comments keep the connection open.',
    parameters: [
      idParameter,
      {
        name: 'Last-Event-ID',
        in: 'header',
        description: 'Id of the last event that was had: the stream goes on after it. EventSource sends it by itself.',
        schema: { type: 'string' },
      },
      {
        name: 'lastEventId',
        in: 'query',
        description: 'The same, for clients that can set no header.',
        schema: { type: 'string' },
      },
    ],
    answers: {
      200: {
        description: 'The events from the start, or from the one after the id.',
        content: { 'text/event-stream': { schema: eventStream, examples: eventsExample } },
      },
      204: { description: 'The job has ended and all was told: do not come back.' },
    },
    problems: ['job_not_found', 'queue_unavailable'],
  },
  {
    method: 'get',
    path: `${jobsPath}/{id}/result`,
    id: 'getJobResult',
    tag: 'Jobs',
    summary: 'Read a result',
    parameters: [idParameter],
    answers: { 200: { description: 'The bare output of the job.', content: json('Output', resultExample) } },
    problems: ['job_not_found', 'job_unfinished', 'job_without_result', 'queue_unavailable'],
  },
  {
    method: 'post',
    path: `${jobsPath}/{id}/cancel`,
    id: 'cancelJob',
    tag: 'Jobs',
    summary: 'Cancel a job',
    description: 'A job that waits ends at once, one that runs soon. One that has ended stays as it is.',
    parameters: [idParameter],
    answers: { 200: { description: 'The job as it is now.', content: json('Job', canceledExample) } },
    problems: ['job_not_found', 'queue_unavailable'],
  },
  {
    method: 'get',
    path: `${apiPath}/tasks`,
    id: 'listTasks',
    tag: 'Catalogue',
    summary: 'List the tasks',
    description: 'What can be asked for here: those that are turned on, with the schemas of what they take and give.',
    answers: { 200: { description: 'The tasks.', content: json('TaskList') } },
    problems: [],
  },
  {
    method: 'get',
    path: `${apiPath}/tasks/{name}`,
    id: 'getTask',
    tag: 'Catalogue',
    summary: 'Read a task',
    parameters: [
      {
        name: 'name',
        in: 'path',
        required: true,
        description: 'The name of the task.',
        schema: { type: 'string' },
        example: 'summarize',
      },
    ],
    answers: { 200: { description: 'The task.', content: json('TaskInfo') } },
    problems: ['not_found'],
  },
  {
    method: 'get',
    path: `${apiPath}/models`,
    id: 'listModels',
    tag: 'Catalogue',
    summary: 'List the models',
    description: 'The model of each task that has one and is turned on, where it runs and whether it is ready.',
    answers: { 200: { description: 'The models.', content: json('ModelList') } },
    problems: [],
  },
  {
    method: 'get',
    path: '/healthz',
    id: 'getHealth',
    tag: 'House',
    summary: 'Is it alive',
    answers: { 200: { description: 'The gateway answers.', content: json('Health') } },
    problems: [],
  },
  {
    method: 'get',
    path: '/readyz',
    id: 'getReadiness',
    tag: 'House',
    summary: 'Is it ready',
    description: 'Ready means: a job submitted now would run, by any engine.',
    answers: {
      200: { description: 'It is ready.', content: json('Readiness') },
      503: { description: 'It is not; the parts say why.', content: json('Readiness') },
    },
    problems: [],
  },
  {
    method: 'get',
    path: '/openapi.json',
    id: 'getOpenapi',
    tag: 'House',
    summary: 'This document',
    answers: {
      200: { description: 'OpenAPI 3.1.', content: { 'application/json': { schema: { type: 'object' } } } },
    },
    problems: [],
  },
  {
    method: 'get',
    path: '/docs',
    id: 'getReference',
    tag: 'House',
    summary: 'This document for people',
    answers: { 200: { description: 'A page.', content: { 'text/html': { schema: { type: 'string' } } } } },
    problems: [],
  },
];
