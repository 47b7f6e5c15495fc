import { isDeepStrictEqual } from 'node:util';
import { CodedError } from '@slipway/contract/problems';
import { fail, type Names } from './errors.ts';
import { type Fields, fieldsOf, isFields } from './json.ts';
import type { Asked } from './run.ts';

export interface ChatRequest {
  asked: Asked<'chat'>;
  stream: boolean;
  /** Whether the stream ends with a count of tokens. */
  includeUsage: boolean;
}

/**
 * What would change the answer and can't be done here, with the values that change nothing. Fields that are not named
 * are ignored: most say who asks or where a log is kept, and clients add some with each release.
 */
const onlyAs: Record<string, unknown[]> = {
  n: [1],
  tools: [[]],
  functions: [[]],
  logprobs: [false],
  top_p: [1],
  frequency_penalty: [0],
  presence_penalty: [0],
  logit_bias: [{}],
  modalities: [['text']],
  response_format: [{ type: 'text' }],
};

/**
 * Reads the body of a chat completion. `model` is that of the task, null where it is turned off. Throws CodedError
 * `invalid_input`, or `not_found` with a fault at `/model`.
 */
export function readChatRequest(body: unknown, model: string | null): ChatRequest {
  const fields = fieldsOf(body);
  for (const [name, values] of Object.entries(onlyAs))
    if (fields[name] !== undefined && !values.some((value) => isDeepStrictEqual(value, fields[name])))
      fail(`/${name}`, `must be ${JSON.stringify(values[0])} or left out: no more can be done here`);
  checkModel(fields.model, model);
  const { stream = false, stream_options: streamOptions = {} } = fields;
  if (typeof stream !== 'boolean') return fail('/stream', 'must be true or false');
  const { options, names } = toOptions(fields);
  return {
    asked: {
      value: { task: 'chat', input: { messages: toMessages(fields.messages) }, options },
      names: { ...names, '/input/messages': '/messages' },
    },
    stream,
    includeUsage: fieldsOf(streamOptions, '/stream_options').include_usage === true,
  };
}

/** The Hub's clients send the address of the endpoint, or one of these two words, where they know no model. */
const anyModel = new Set(['tgi', 'dummy']);

function checkModel(wanted: unknown, model: string | null): void {
  if (wanted === undefined || model === null || wanted === model) return;
  if (typeof wanted !== 'string') fail('/model', 'must be a string');
  if (anyModel.has(wanted as string) || /^https?:\/\//.test(wanted as string)) return;
  const message = `must be ${model}, the model of this instance`;
  throw new CodedError('not_found', `/model ${message}.`, { faults: [{ pointer: '/model', message }] });
}

function toOptions(fields: Fields): { options: Fields; names: Names } {
  const { max_tokens, max_completion_tokens = max_tokens, temperature, stop, seed } = fields;
  const newer = fields.max_completion_tokens !== undefined;
  return {
    options: {
      maxTokens: max_completion_tokens,
      temperature,
      stop: typeof stop === 'string' ? [stop] : stop,
      seed,
    },
    names: {
      '/options/maxTokens': newer ? '/max_completion_tokens' : '/max_tokens',
      '/options/temperature': '/temperature',
      '/options/stop': '/stop',
      '/options/seed': '/seed',
    },
  };
}

function toMessages(messages: unknown): unknown {
  if (!Array.isArray(messages)) return messages;
  return messages.map((message, i) => {
    if (!isFields(message)) return message;
    const { role, content } = message;
    return { role: role === 'developer' ? 'system' : role, content: toText(content, `/messages/${i}/content`) };
  });
}

/** A content is a string or a list of parts. */
function toText(content: unknown, pointer: string): unknown {
  if (content === null) return undefined;
  if (!Array.isArray(content)) return content;
  const texts = content.map((part, i) =>
    isFields(part) && part.type === 'text' && typeof part.text === 'string'
      ? part.text
      : fail(`${pointer}/${i}`, 'must be {"type":"text","text":…}: only text is taken'),
  );
  return texts.join('');
}
