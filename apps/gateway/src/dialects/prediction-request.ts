import { escapeToken } from '@slipway/contract/parse';
import { CodedError } from '@slipway/contract/problems';
import { hasModel, isTaskName, type TaskName, taskNames } from '@slipway/contract/tasks';
import type { TaskModels } from '../submission.ts';
import { fail } from './errors.ts';
import { type Fields, fieldsOf } from './json.ts';
import type { Asked } from './run.ts';

/** What a prediction is asked of: a task, by any engine or by the model that was named. */
export interface Target {
  task: TaskName;
  model?: string;
}

/** The task of `<org>/<name>`, `slipway/<task>` or `<task>`. Throws `not_found`. */
export function findTarget(name: unknown, models: TaskModels): Target {
  const task = typeof name === 'string' ? name.replace(/^slipway\//, '') : undefined;
  if (isTaskName(task)) return { task };
  const byModel = taskNames.find((task) => hasModel(task) && models[task] !== null && models[task] === name);
  if (byModel !== undefined) return { task: byModel, model: name as string };
  const known = taskNames.map((task) => `slipway/${task}`).join(', ');
  throw new CodedError('not_found', `There is no such model or version here. Ask for one of ${known}.`);
}

/** Throws `invalid_input` for a body that can't be translated; what is in it is judged by the task. */
export function readPredictionRequest(body: Fields, { task, model }: Target): Asked {
  if (body.webhook !== undefined) fail('/webhook', 'is not taken here: use `webhook` of POST /api/v1/jobs');
  const { input, options, names } = split(task, fieldsOf(body.input, '/input'));
  const named = model === undefined ? {} : { model };
  return { value: { task, input, options: { ...named, ...options } }, names };
}

/** Replicate's inputs are flat; here what is computed on and how are two things. */
function split(task: TaskName, given: Fields): { input: Fields; options: Fields; names: Record<string, string> } {
  const { text, image, prompt, system_prompt: system, messages, ...rest } = given;
  const options: Fields = {};
  const names: Record<string, string> = {};
  for (const [name, value] of Object.entries(rest)) {
    const option = name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
    options[option] = value;
    names[`/options/${escapeToken(option)}`] = `/input/${escapeToken(name)}`;
  }
  if (task === 'classify-image')
    return {
      input: { imageBase64: toBase64(image) },
      options,
      names: { ...names, '/input/imageBase64': '/input/image' },
    };
  if (task !== 'chat') return { input: { text }, options, names };
  if (messages !== undefined) return { input: { messages }, options, names };
  const turns = [
    ...(system === undefined ? [] : [{ role: 'system', content: system }]),
    { role: 'user', content: prompt },
  ];
  return {
    input: { messages: turns },
    options,
    names: {
      ...names,
      '/input/messages/0/content': system === undefined ? '/input/prompt' : '/input/system_prompt',
      '/input/messages/1/content': '/input/prompt',
    },
  };
}

/** Bytes come as a `data:` URI. Nothing is fetched from an address that a caller names. */
function toBase64(image: unknown): unknown {
  if (typeof image !== 'string') return image;
  if (/^https?:/.test(image)) fail('/input/image', 'must be a data: URI: nothing is fetched here');
  return image.replace(/^data:[^,]*;base64,/, '');
}
