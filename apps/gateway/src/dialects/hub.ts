import { escapeToken } from '@slipway/contract/parse';
import type { CodedError } from '@slipway/contract/problems';
import { mostInBatch } from '@slipway/contract/submission';
import { Hono } from 'hono';
import { parseJson } from '../body.ts';
import type { AppEnv } from '../caller.ts';
import { answerChat } from './chat.ts';
import { type DialectDeps, guard } from './deps.ts';
import { answerErrors, type ErrorAnswer, fail, type Names, retryAfter, statusWithout503 } from './errors.ts';
import { type Fields, fieldsOf, isFields } from './json.ts';
import { type Asked, run, runAll } from './run.ts';

/** What the clients of the Hugging Face Hub send to an endpoint of one's own. */
export function hubRoutes(deps: DialectDeps): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  const guarded = guard(deps);
  app.onError(answerErrors(deps.log, hubError));
  return app
    .post('/hf/summarization', guarded, async (c) => {
      const jobs = await runAll(c, deps, askedOfTexts('summarize', parseJson(await c.req.arrayBuffer())));
      return c.json(jobs.map(({ output }) => ({ summary_text: output.summary })));
    })
    .post('/hf/text-classification', guarded, async (c) => {
      const jobs = await runAll(c, deps, askedOfTexts('classify-text', parseJson(await c.req.arrayBuffer())));
      return c.json(jobs.map(({ output }) => output.labels));
    })
    .post('/hf/image-classification', guarded, async (c) => {
      const { output } = await run(c, deps, askedOfImage(new Uint8Array(await c.req.arrayBuffer())));
      return c.json(output.labels);
    })
    .post('/hf/v1/chat/completions', guarded, (c) => answerChat(c, deps, hubErrorBody));
}

const hubErrorBody = ({ message }: CodedError) => ({ error: message });

export const hubError: ErrorAnswer = (c, error) =>
  c.json(hubErrorBody(error), statusWithout503(error.code), retryAfter(error));

/** Option of ours by parameter of theirs. The longer names are those of the generation parameters. */
const parameters: Record<'summarize' | 'classify-text' | 'classify-image', Record<string, string>> = {
  summarize: {
    min_length: 'minTokens',
    max_length: 'maxTokens',
    min_new_tokens: 'minTokens',
    max_new_tokens: 'maxTokens',
  },
  'classify-text': { top_k: 'topK' },
  'classify-image': { top_k: 'topK' },
};

/** Say what is so anyway, or what only a tokenizer cares for. */
const withoutEffect: Record<string, unknown[]> = {
  do_sample: [false],
  function_to_apply: ['softmax'],
  clean_up_tokenization_spaces: [true, false],
  truncation: ['do_not_truncate', 'longest_first', 'only_first', 'only_second'],
};

function askedOfTexts<T extends 'summarize' | 'classify-text'>(task: T, body: unknown): Asked<T>[] {
  const { inputs, parameters: given } = fieldsOf(body);
  const { options, names } = toOptions(task, given);
  const texts: unknown[] = Array.isArray(inputs) ? inputs : [inputs];
  if (texts.length === 0 || texts.length > mostInBatch) fail('/inputs', `must be 1 to ${mostInBatch} texts`);
  return texts.map((text, i) => ({
    value: { task, input: { text }, options },
    names: { ...names, '/input/text': Array.isArray(inputs) ? `/inputs/${i}` : '/inputs' },
  }));
}

/**
 * An image comes as its bytes, which some clients give no or a wrong Content-Type, or as base64 in JSON where there are
 * parameters. No image begins like a JSON object.
 */
function askedOfImage(bytes: Uint8Array): Asked<'classify-image'> {
  const task = 'classify-image';
  if (bytes.length === 0) fail('', 'must be an image');
  if (bytes[bytes.findIndex((byte) => byte > 0x20)] !== '{'.charCodeAt(0))
    return { value: { task, input: null }, file: { bytes }, names: { '/file': '', '/input/imageBase64': '' } };
  const { inputs, parameters: given } = fieldsOf(parseJson(bytes));
  const { options, names } = toOptions(task, given);
  return {
    value: { task, input: { imageBase64: inputs }, options },
    names: { ...names, '/input/imageBase64': '/inputs' },
  };
}

function toOptions(task: keyof typeof parameters, given: unknown): { options: Fields; names: Names } {
  const known = parameters[task];
  const options: Fields = {};
  const names: Names = {};
  const fields = given === undefined || given === null ? {} : fieldsOf(given, '/parameters');
  const { generate_parameters: more, ...rest } = fields;
  for (const [pointer, all] of Object.entries({
    '/parameters': rest,
    '/parameters/generate_parameters': isFields(more) ? fieldsOf(more) : {},
  }))
    for (const [name, value] of Object.entries(all)) {
      const option = Object.hasOwn(known, name) ? known[name] : undefined;
      if (option !== undefined) {
        options[option] = value;
        names[`/options/${option}`] = `${pointer}/${name}`;
      } else if (!Object.hasOwn(withoutEffect, name) || !withoutEffect[name]?.includes(value))
        fail(`${pointer}/${escapeToken(name)}`, `is not taken; ${task} takes ${Object.keys(known).join(', ')}`);
    }
  return { options, names };
}
