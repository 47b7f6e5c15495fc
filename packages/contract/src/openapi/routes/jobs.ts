import { jobsBatchPath, jobsPath, longestWaitSeconds } from '../../http.ts';
import { jobStates } from '../../jobs.ts';
import {
  canceledExample,
  erasedExample,
  eventsExample,
  jobExamples,
  jobId,
  resultExample,
  retryExamples,
  submissionExamples,
  submittedExample,
  toBeErasedExample,
  uploadExamples,
} from '../examples.ts';
import type { RequestCode } from '../request-problems.ts';
import { json, type Parameter, type Route } from '../route.ts';
import { ref, type Schema } from '../schemas.ts';

/** What any request about jobs may end in. */
const asked: RequestCode[] = ['unauthorized', 'rate_limited', 'body_too_large', 'queue_unavailable'];
/** What may be wrong with what is handed in. */
const submitProblems: RequestCode[] = [
  'invalid_json',
  'invalid_encoding',
  'unsupported_media_type',
  'invalid_input',
  'task_disabled',
  'queue_full',
];

const idParameter: Parameter = {
  name: 'id',
  in: 'path',
  required: true,
  description: 'The id of the job.',
  schema: { type: 'string' },
  example: jobId,
};

const query = (name: string, description: string, schema: Schema = { type: 'string' }): Parameter => ({
  name,
  in: 'query',
  description,
  schema,
});

/** The whole stream; each event's `data` is JSON. OpenAPI 3.1 has no other words for it. */
const eventStream: Schema = {
  type: 'string',
  contentMediaType: 'text/event-stream',
  contentSchema: { type: 'array', items: ref('JobEvent') },
};

const idempotencyKey = (description: string): Parameter => ({
  name: 'Idempotency-Key',
  in: 'header',
  description,
  schema: { type: 'string', minLength: 1, maxLength: 255 },
});

const prefer: Parameter = {
  name: 'Prefer',
  in: 'header',
  description: '`wait=N`: answer only when the job has ended, or after N seconds, at most 55.',
  schema: { type: 'string' },
  example: 'wait=30',
};

/** What becomes of a submission or a retry. */
const handedIn: Route['answers'] = {
  200: {
    description: 'The job has ended: it was waited for, or the idempotency key is that of one that has.',
    headers: ['Location', 'Idempotent-Replayed', 'Preference-Applied', 'RateLimit', 'RateLimit-Policy'],
    content: json('Job', jobExamples),
  },
  202: {
    description: 'The job is kept and will run.',
    headers: ['Location', 'Retry-After', 'Idempotent-Replayed', 'Preference-Applied', 'RateLimit', 'RateLimit-Policy'],
    content: json('Job', submittedExample),
  },
};

/** What a list can be asked for, by callers and by the operator. */
export const listParameters: Parameter[] = [
  query('state', 'Only those in this state.', { enum: [...jobStates] }),
  query('task', 'Only those of this task.'),
  query('tag', 'Only those with this tag.'),
  query('q', 'Only those with this text in their id, their tags or the beginning of their input.'),
  query('from', 'Only those made at this time or later.', { type: 'string', format: 'date-time' }),
  query('to', 'Only those made before this time.', { type: 'string', format: 'date-time' }),
  query('cursor', '`nextCursor` of the page before.'),
  query('limit', 'Most jobs on a page.', { type: 'integer', minimum: 1, maximum: 100, default: 20 }),
];

export const jobRoutes: Route[] = [
  {
    method: 'post',
    path: jobsPath,
    id: 'submitJob',
    tag: 'Jobs',
    summary: 'Submit a job',
    description:
      'Answers as soon as the job is kept. Follow it at `urls.self` or `urls.events`. An optional field that is null counts as left out. As `multipart/form-data`, a file stands for the input, and empty parts count as left out.',
    parameters: [
      idempotencyKey(
        'Any text of your own, at most 255 characters: sent again with the same body it gives the first job again, after its deadline too, and makes no second one. That counts as a read and not as a submission.',
      ),
      prefer,
    ],
    body: {
      ...json('Submission', submissionExamples()),
      'multipart/form-data': {
        schema: ref('Upload'),
        examples: uploadExamples(),
        encoding: { options: { contentType: 'application/json' } },
      },
    },
    answers: handedIn,
    problems: [...submitProblems, 'idempotency_conflict', 'too_many_uploads', ...asked],
  },
  {
    method: 'post',
    path: jobsBatchPath,
    id: 'submitJobs',
    tag: 'Jobs',
    summary: 'Submit many jobs',
    description:
      'At most 100 submissions as JSON. Each is taken or refused by itself, and the answer keeps their order.',
    parameters: [idempotencyKey('As with one job; it counts for each of them by its place.')],
    body: json('Batch'),
    answers: {
      202: {
        description: 'Each job as it was taken, or why it was not.',
        headers: ['Retry-After', 'RateLimit', 'RateLimit-Policy'],
        content: json('BatchAnswer'),
      },
    },
    problems: [...submitProblems, 'batch_too_large', ...asked],
  },
  {
    method: 'get',
    path: jobsPath,
    id: 'listJobs',
    tag: 'Jobs',
    summary: 'List your jobs',
    description:
      'The jobs of the key that asks, newest first, without their outputs. Where the API is open, nobody has a list.',
    parameters: listParameters,
    answers: { 200: { description: 'A page of jobs.', content: json('JobList') } },
    problems: ['invalid_input', 'key_required', ...asked],
  },
  {
    method: 'get',
    path: `${jobsPath}/{id}`,
    id: 'getJob',
    tag: 'Jobs',
    summary: 'Read a job',
    parameters: [
      idParameter,
      query('wait', 'Seconds to wait for a change of state, at most 55. With `If-None-Match`, for any change.', {
        type: 'integer',
        minimum: 0,
        maximum: longestWaitSeconds,
      }),
      {
        name: 'If-None-Match',
        in: 'header',
        description: 'The `ETag` of the answer that you have.',
        schema: { type: 'string' },
      },
    ],
    answers: {
      200: {
        description: 'The job as it is now.',
        headers: ['ETag', 'Retry-After'],
        content: json('Job', jobExamples),
      },
      304: { description: 'It is as you have it.', headers: ['ETag', 'Retry-After'] },
    },
    problems: ['invalid_input', 'job_not_found', ...asked],
  },
  {
    method: 'delete',
    path: `${jobsPath}/{id}`,
    id: 'eraseJob',
    tag: 'Jobs',
    summary: 'Erase a job',
    description:
      'Ends it if need be and erases input, output, events and webhook. A webhook that has yet to be told of the end is told, and erased then. That there was such a job stays to be seen.',
    parameters: [idParameter],
    answers: {
      200: { description: 'What is left of the job.', content: json('Job', erasedExample) },
      202: {
        description:
          'The job as it is now. It did not stop within 10 s, and is erased as soon as it has ended: `erasedAt` tells.',
        headers: ['Retry-After'],
        content: json('Job', toBeErasedExample),
      },
    },
    problems: ['job_not_found', ...asked],
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
    problems: ['job_not_found', ...asked],
  },
  {
    method: 'get',
    path: `${jobsPath}/{id}/result`,
    id: 'getJobResult',
    tag: 'Jobs',
    summary: 'Read a result',
    parameters: [idParameter],
    answers: { 200: { description: 'The bare output of the job.', content: json('Output', resultExample) } },
    problems: ['job_not_found', 'job_unfinished', 'job_without_result', 'job_erased', ...asked],
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
    problems: ['job_not_found', ...asked],
  },
  {
    method: 'post',
    path: `${jobsPath}/{id}/retry`,
    id: 'retryJob',
    tag: 'Jobs',
    summary: 'Run a job again',
    description:
      'Makes a new job of one that has ended, with its input, options, tags, priority and webhook; `input` and `options` in the body stand for its own. The new job names the old one in `retryOf`.',
    parameters: [idParameter, idempotencyKey('As with a submission.'), prefer],
    body: { 'application/json': { schema: ref('Retry'), examples: retryExamples } },
    bodyIsOptional: true,
    answers: handedIn,
    problems: [
      ...submitProblems,
      'job_not_found',
      'job_unfinished',
      'input_gone',
      'job_erased',
      'idempotency_conflict',
      'too_many_uploads',
      ...asked,
    ],
  },
  {
    method: 'get',
    path: `${jobsPath}/{id}/deliveries`,
    id: 'listDeliveries',
    tag: 'Jobs',
    summary: 'List the deliveries to its webhook',
    parameters: [idParameter],
    answers: { 200: { description: 'Each try, oldest first.', content: json('DeliveryList') } },
    problems: ['job_not_found', ...asked],
  },
];
