import { escapeToken } from '@slipway/contract/parse';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { type Answer, checkKeptIn } from './answers.ts';
import type { Draft } from './requests.ts';

const text = { type: 'string' };
const textOrNull = { type: ['string', 'null'] };
const object = (properties: object, additionalProperties = false) => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties,
});

const analyze = object({
  detail: {
    anyOf: [text, { type: 'array', items: object({ type: text, loc: { type: 'array', items: text }, msg: text }) }],
  },
});
const hub = object({ error: text });
const replicate = object({ detail: text }, true);
const openai = object({ error: object({ message: text, type: text, code: textOrNull, param: textOrNull }) });
const native = object({ code: text, detail: text }, true);

/** What the client of a path can read as an error; the first that fits. */
const shapes: [RegExp, object][] = [
  [/^\/analyze$/, analyze],
  [/^\/hf(\/|$)/, hub],
  [/^\/v1\/(files$|predictions(\/|$)|models\/[^/]+\/[^/]+\/predictions$)/, replicate],
  [/^\/v1(\/|$)/, openai],
  [/./, native],
];
const ajv = new Ajv2020({ strict: false });

/** Throws what is wrong with an answer in another service's dialect. */
export function checkDialect({ method, body }: Draft, pathname: string, answer: Answer): void {
  const { status, text: answered, headers } = answer;
  // 503 makes one of the clients ask again for ever
  if (status === 500 || status === 503) throw new Error(`${status}: ${answered.slice(0, 200)}`);
  const shape = shapes.find(([path]) => path.test(pathname))?.[1] ?? native;
  if (status >= 400 && method !== 'HEAD' && !ajv.validate(shape, JSON.parse(answered)))
    throw new Error(`no error of this dialect: ${answered}`);
  const isJson = headers.get('Content-Type')?.includes('json') && answered !== '';
  const strip = withoutNames(namesIn(body.bytes));
  checkKeptIn(isJson ? { ...answer, text: JSON.stringify(JSON.parse(answered, strip)) } : answer);
}

/** By design the names of fields that are wrong come back, each cut to 64 characters, in pointers or their parts. */
const withoutNames = (names: string[]) => (_: string, value: unknown) =>
  typeof value === 'string' ? names.reduce((rest, name) => rest.replaceAll(name, ''), value) : value;

/** From the text, because a walk through what is nested 40,000 deep ends in no stack left. */
function namesIn(bytes: Uint8Array): string[] {
  const keys = new TextDecoder().decode(bytes).matchAll(/("(?:[^"\\]|\\.)*")\s*:/g);
  const names = new Set([...keys].map(([, key = '']) => escapeToken(unquoted(key))));
  return [...names].filter((name) => name.length > 1).toSorted((a, b) => b.length - a.length);
}

function unquoted(text: string): string {
  try {
    return JSON.parse(text);
  } catch {
    return ''; // no JSON, and so no name that could come back
  }
}
