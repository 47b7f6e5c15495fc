import { submitSchema } from '@slipway/contract/jobs';
import { parseInput } from '@slipway/contract/parse';
import { CodedError } from '@slipway/contract/problems';
import type { Terms } from '@slipway/contract/records';
import type { TaskDefinition } from '@slipway/contract/task';
import {
  hasModel,
  isTaskName,
  type ModelTaskName,
  type TaskInput,
  type TaskName,
  type TaskOptions,
  taskNames,
  tasks,
} from '@slipway/contract/tasks';
import type { HonoRequest } from 'hono';
import { readJson } from './body.ts';
import type { FileReader } from './files/file-reader.ts';
import { isForm, readForm, type UploadedFile } from './form.ts';

/** `<org>/<name>` of each task that has a model; null where the operator turned the task off. */
export type TaskModels = Record<ModelTaskName, string | null>;

/** A submission that the queue can take. */
export interface Submission<T extends TaskName = TaskName> {
  task: T;
  input: TaskInput<T>;
  options: TaskOptions<T>;
  terms: Terms;
}

export interface SubmissionDeps {
  models: TaskModels;
  files: FileReader;
}

/**
 * Reads a submission, JSON or a form with a file, and checks all that can be checked before it runs. Throws CodedError
 * with the pointer of each fault.
 */
export async function readSubmission(request: HonoRequest, { models, files }: SubmissionDeps): Promise<Submission> {
  const { value, file } = isForm(request) ? await readFormSubmission(request) : { value: await readJson(request) };
  const { task: name, input: given, options: givenOptions, deadline, timeLimitMs } = parseInput(submitSchema, value);
  const task = parseTask(name);
  const model = hasModel(task) ? models[task] : undefined;
  if (model === null) throw new CodedError('task_disabled', `This instance does not do ${task}.`);
  // options first: they cost nothing, a file does
  const options = parseInput(tasks[task].options, givenOptions === undefined ? {} : givenOptions, '/options');
  if ('model' in options) checkModel(options.model, model);
  const terms = {
    ...(deadline !== undefined && { deadline: parseDeadline(deadline) }),
    ...(timeLimitMs && { timeLimitMs }),
  };
  const input = parseInput(tasks[task].input, file ? await inputOf(task, file, files) : given, '/input');
  if (!file) await checkImageIn(task, input, files);
  return { task, input, options, terms };
}

/** The parts of a form, put together as the JSON body would have them. */
async function readFormSubmission(request: HonoRequest): Promise<{ value: unknown; file?: UploadedFile | undefined }> {
  const { fields, file } = await readForm(request);
  const { task, input, options, deadline, timeLimitMs } = fields;
  if (file && input !== undefined) fail('/input', 'must be left out where a file is sent');
  const value = {
    task,
    // stands for what the file will give
    input: file ? null : parseJsonField('input', input),
    options: parseJsonField('options', options),
    deadline,
    timeLimitMs: timeLimitMs === undefined ? undefined : Number(timeLimitMs),
  };
  return { value, file };
}

function parseJsonField(name: string, text: string | undefined): unknown {
  if (text === undefined || text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return fail(`/${name}`, 'must be JSON');
  }
}

/** The input that a file stands for, by what the task's definition says. */
async function inputOf(task: TaskName, file: UploadedFile, files: FileReader): Promise<unknown> {
  const { upload }: TaskDefinition = tasks[task];
  if (!upload) return fail('/file', `must be left out: ${task} takes no file`);
  if (upload.kind === 'document') return { [upload.field]: await files.readDocument(file) };
  await files.checkImage(file.bytes, '/file');
  return { [upload.field]: Buffer.from(file.bytes).toString('base64') };
}

/** An image that came in the JSON of the input, by what the task's definition says. */
async function checkImageIn(task: TaskName, input: Record<string, unknown>, files: FileReader): Promise<void> {
  const { upload }: TaskDefinition = tasks[task];
  if (upload?.kind !== 'image') return;
  const base64 = input[upload.field];
  if (typeof base64 === 'string') await files.checkImage(Buffer.from(base64, 'base64'), `/input/${upload.field}`);
}

function checkModel(wanted: string | undefined, model: string | undefined): void {
  if (wanted !== undefined && wanted !== model) fail('/options/model', `must be ${model}, the model of this instance`);
}

function parseTask(name: string): TaskName {
  return isTaskName(name) ? name : fail('/task', `must be one of: ${taskNames.join(', ')}`);
}

/** Milliseconds since 1970. */
function parseDeadline(deadline: string): number {
  const time = Date.parse(deadline);
  return time > Date.now() ? time : fail('/deadline', 'must lie in the future');
}

function fail(pointer: string, message: string): never {
  throw new CodedError('invalid_input', `${pointer} ${message}.`, { faults: [{ pointer, message }] });
}
