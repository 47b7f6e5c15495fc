import fc from 'fast-check';
import { hostileBodies, jsonBodies, noBody } from './bodies.ts';
import { conditions } from './made-jobs.ts';
import { type Draft, oddSegments, withText } from './requests.ts';
import { marker, strings } from './strings.ts';

const maybe = (fields: Record<string, fc.Arbitrary<unknown>>) =>
  fc.record(fields, { requiredKeys: [], noNullPrototype: true });
const anything = fc.jsonValue({ stringUnit: 'binary' });
const texts = fc.oneof({ weight: 3, arbitrary: strings }, fc.constant('A fine film.'), anything);
const numbers = fc.oneof(fc.integer({ min: -1, max: 5_000 }), fc.double(), anything);
const image = fc.constantFrom('data:image/png;base64,AAAA', 'http://169.254.169.254/', 'AAAA', marker);

const chats = fc.record(
  {
    messages: fc.oneof(
      fc.array(
        fc.record({ role: fc.constantFrom('system', 'developer', 'user', 'assistant', marker), content: texts }),
      ),
      texts.map((content) => [{ role: 'user', content }]),
      texts.map((text) => [{ role: 'user', content: [{ type: 'text', text }] }]),
    ),
    model: fc.constantFrom('tgi', 'made/echo', marker, null, 7),
    stream: fc.constantFrom(true, false, null, 'yes'),
    stream_options: fc.constantFrom({ include_usage: true }, null, []),
    max_tokens: numbers,
    temperature: numbers,
    stop: texts,
    seed: numbers,
    logit_bias: anything,
    response_format: anything,
  },
  { requiredKeys: ['messages'], noNullPrototype: true },
);
const tasks = fc.record(
  {
    inputs: fc.oneof(texts, fc.array(texts, { maxLength: 3 })),
    parameters: maybe({ top_k: numbers, max_length: numbers, x: anything }),
  },
  { requiredKeys: ['inputs'], noNullPrototype: true },
);
const predictions = maybe({
  version: fc.constantFrom('summarize', 'slipway/chat', 'made/lexicon', `${marker}/x`, '__proto__', 'constructor', 7),
  input: maybe({ text: texts, prompt: texts, system_prompt: texts, image, max_tokens: numbers, [marker]: anything }),
  webhook: fc.constantFrom('http://127.0.0.1/', null),
});

const bodies: [RegExp, fc.Arbitrary<unknown>][] = [
  [/chat/, chats],
  [/^\/hf/, tasks],
  [/predictions$/, predictions],
  [/analyze/, maybe({ text: texts, [marker]: anything })],
];

/** Requests for one of `dialectPaths`, as the client of the other service sends them, or with anything wrong in them. */
export function dialectDrafts(described: string): fc.Arbitrary<Draft> {
  const [method = '', path = ''] = described.split(' ');
  const values = bodies.find(([paths]) => paths.test(path))?.[1] ?? anything;
  const odd = oddSegments.map((segment) => path.replace(/\{\w+\}/g, () => segment));
  const plain = path.replace('{owner}/{name}', 'slipway/summarize').replace('{id}', '{job}');
  const queries = strings.map((text) => `?text=${encodeURIComponent(text.toWellFormed())}&token=a.b`);
  const prefer = fc.constantFrom('wait', 'wait=1', `wait=${marker}`);
  return fc
    .record({
      method: fc.oneof({ weight: 15, arbitrary: fc.constant(method) }, fc.constantFrom('HEAD', 'PUT', 'GET', 'DELETE')),
      path: path.includes('{') ? fc.oneof({ weight: 3, arbitrary: fc.constant(plain) }, odd) : fc.constant(path),
      condition: fc.constantFrom(...conditions),
      query: fc.oneof({ weight: 3, arbitrary: fc.constant('') }, queries),
      headers: fc.array(fc.tuple(fc.constant('Prefer'), prefer), { maxLength: 1 }),
      body: method === 'GET' ? fc.constant(noBody) : fc.oneof(jsonBodies(values), hostileBodies(values)),
      caller: fc.oneof({ weight: 9, arbitrary: fc.constant('right' as const) }, fc.constantFrom('wrong', 'none')),
    })
    .map(withText);
}
