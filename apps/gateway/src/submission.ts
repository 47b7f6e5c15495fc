import { parseInput, parseInputs } from '@slipway/contract/parse';
import { CodedError } from '@slipway/contract/problems';
import type { Terms } from '@slipway/contract/records';
import { submitSchema } from '@slipway/contract/submission';
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
import type { FileReader } from './files/file-reader.ts';
import type { UploadedFile } from './form.ts';
import { withoutNulls } from './left-out.ts';

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
  /**
   * Gives the signal of the request, which ends the reading of a file that nobody waits for any more. A function, because
   * to ask a request for its signal costs more than the checks of one without a file.
   */
  leaving?: () => AbortSignal;
  /** Its job was made before, under the same idempotency key, and is only told of again: the deadline may be over by now. */
  again?: boolean | undefined;
}

const { task: _task, input: _input, ...optional } = submitSchema.shape;
const optionalTerms = Object.keys(optional);

/**
 * Checks all of a submission that can be checked before it runs: `value` as the JSON of `POST /jobs` has it, `file` where
 * one stands for the input. Throws CodedError with the pointer of each fault.
 */
export async function checkSubmission(
  value: unknown,
  { models, files, leaving, again }: SubmissionDeps,
  file?: UploadedFile,
): Promise<Submission> {
  const {
    task: name,
    input: given,
    options: givenOptions,
    deadline,
    ...terms
  } = parseInput(submitSchema, withoutNulls(value, optionalTerms));
  const task = parseTask(name);
  const model = hasModel(task) ? models[task] : undefined;
  if (model === null) throw new CodedError('task_disabled', `This instance does not do ${task}.`);
  const schemas = { options: tasks[task].options, input: tasks[task].input };
  const values = { options: givenOptions === undefined ? {} : givenOptions, input: given };
  const { options, input: inBody } = file
    ? { ...parseInputs({ options: schemas.options }, values), input: undefined }
    : parseInputs(schemas, values);
  if ('model' in options) checkModel(options.model, model);
  insistOnModel(options);
  const due = deadline === undefined ? undefined : parseDeadline(deadline, again);
  // last, and only where all else is right: a file and an image cost time
  const input = inBody ?? parseInput(schemas.input, file && (await inputOf(task, file, files, leaving)), '/input');
  if (!file) await checkImageIn(task, input, files, leaving);
  return { task, input, options, terms: { ...terms, ...(due !== undefined && { deadline: due }) } };
}

/** The input that a file stands for, by what the task's definition says. */
async function inputOf(
  task: TaskName,
  file: UploadedFile,
  files: FileReader,
  leaving: SubmissionDeps['leaving'],
): Promise<unknown> {
  const { upload }: TaskDefinition = tasks[task];
  if (!upload) return fail('/file', `must be left out: ${task} takes no file`);
  if (upload.kind === 'document') return { [upload.field]: await files.readDocument(file, leaving?.()) };
  await files.checkImage(file.bytes, '/file', leaving?.());
  return { [upload.field]: Buffer.from(file.bytes).toString('base64') };
}

/** An image that came in the JSON of the input, by what the task's definition says. */
async function checkImageIn(
  task: TaskName,
  input: Record<string, unknown>,
  files: FileReader,
  leaving: SubmissionDeps['leaving'],
): Promise<void> {
  const { upload }: TaskDefinition = tasks[task];
  if (upload?.kind !== 'image') return;
  const base64 = input[upload.field];
  if (typeof base64 === 'string')
    await files.checkImage(Buffer.from(base64, 'base64'), `/input/${upload.field}`, leaving?.());
}

function checkModel(wanted: string | undefined, model: string | undefined): void {
  if (wanted !== undefined && wanted !== model) fail('/options/model', `must be ${model}, the model of this instance`);
}

/** Whoever names the model wants its answer, and no other engine's. */
function insistOnModel(options: Record<string, unknown>): void {
  if (options.engine === undefined || options.model === undefined) return;
  if (options.engine === 'extractive') fail('/options/model', 'must be left out: the extractive engine has no model');
  options.engine = 'transformers';
}

function parseTask(name: string): TaskName {
  return isTaskName(name) ? name : fail('/task', `must be one of: ${taskNames.join(', ')}`);
}

/** Milliseconds since 1970. */
function parseDeadline(deadline: string, again = false): number {
  const time = Date.parse(deadline);
  return again || time > Date.now() ? time : fail('/deadline', 'must lie in the future');
}

export function fail(pointer: string, message: string): never {
  throw new CodedError('invalid_input', `${pointer} ${message}.`, { faults: [{ pointer, message }] });
}
