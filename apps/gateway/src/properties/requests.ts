import type { OpenapiDocument, Operation } from '@slipway/contract/openapi/document';
import type { Parameter } from '@slipway/contract/openapi/route';
import fc from 'fast-check';
import { type Body, forms, hostileBodies, hostileForms, jsonBodies, noBody } from './bodies.ts';
import { valuesOf } from './json-schema.ts';
import { type Condition, conditions } from './made-jobs.ts';
import { headerTexts, marker, strings } from './strings.ts';

export interface Described extends Operation {
  method: string;
  /** With names in braces. */
  path: string;
}

export const callers = ['right', 'wrong', 'none'] as const;

/** A request before it is sent; jobs are made when it is. */
export interface Draft {
  method: string;
  /** A `{job}` in it stands for the id of a job in that condition. */
  path: string;
  condition: Condition;
  query: string;
  headers: [name: string, value: string][];
  body: Body;
  /** Whose key it shows, where there are keys. */
  caller: (typeof callers)[number];
}

export const operationsOf = ({ paths }: OpenapiDocument): Described[] =>
  Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ ...operation, method: method.toUpperCase(), path })),
  );

/** Requests for one operation: as it is described, or with anything wrong in any part. */
export function draftsFor(operation: Described, document: OpenapiDocument): fc.Arbitrary<Draft> {
  const { method, path, parameters = [] } = operation;
  const methods = fc.constantFrom('HEAD', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'get', marker);
  return fc
    .record({
      method: fc.oneof({ weight: 20, arbitrary: fc.constant(method) }, methods),
      path: pathsOf(path),
      condition: fc.constantFrom(...conditions),
      query: queriesOf(parameters.filter((parameter) => parameter.in === 'query')),
      headers: headersOf(parameters.filter((parameter) => parameter.in === 'header')),
      body: bodiesOf(operation, document),
      caller: fc.oneof({ weight: 20, arbitrary: fc.constant('right' as const) }, fc.constantFrom(...callers)),
    })
    .map(withText);
}

export const oddSegments = fc.oneof(
  fc.constantFrom(
    '..',
    '%2e%2e',
    '..%2f..%2fetc%2fpasswd',
    '%2F',
    'a%2Fb',
    '%00',
    '%',
    '%E0%A4%A',
    '%ff',
    '%25',
    '',
    '*',
  ),
  fc.constantFrom(
    ':id',
    '{id}',
    '%0d%0aX:%20y',
    'summarize',
    'batch',
    'x'.repeat(5_000),
    '__proto__',
    'constructor',
    ';',
  ),
  fc.constantFrom(
    ...['constructor', '__proto__', 'chat', 'summarize', marker].map((task) => `${task}_${'a'.repeat(22)}`),
  ),
  fc.constantFrom(`summarize_${'a'.repeat(22)}%0a`, `summarize_${'a'.repeat(21)}%2f`, `SUMMARIZE_${'a'.repeat(22)}`),
  strings.map((text) => encodeURIComponent(text.toWellFormed())),
);

function pathsOf(path: string): fc.Arbitrary<string> {
  const usual = path.replace('{id}', '{job}').replace('{name}', 'summarize');
  if (!path.includes('{')) return fc.constant(path);
  return fc.oneof(
    { weight: 5, arbitrary: fc.constant(usual) },
    oddSegments.map((odd) => path.replace(/\{\w+\}/, () => odd)),
  );
}

const oddValues = fc.oneof(
  strings.map((text) => encodeURIComponent(text.toWellFormed())),
  fc.constantFrom(
    '',
    '%',
    '%ff',
    '%00',
    '-1',
    '0',
    '1e3',
    '0x10',
    '9'.repeat(400),
    'x'.repeat(20_000),
    'NaN',
    '+',
    '%2B',
  ),
  fc.constantFrom(
    '1700000000000',
    '1700000000000.001',
    '1'.repeat(17),
    'succeeded',
    'summarize',
    'made',
    'harbour',
    '55',
  ),
  fc.constantFrom(
    '2030-01-31T12:00:00Z',
    '0000-01-01T00:00:00Z',
    '2030-02-30T00:00:00Z',
    '2030-01-31T12:00:00%2B23:59',
  ),
);

const oddNames = fc.constantFrom(
  '__proto__',
  'constructor',
  'toString',
  '',
  marker,
  'limit[]',
  'wait',
  'q',
  'token',
  '%',
);

/** The text of a query, `?` included; empty for none. */
function queriesOf(parameters: Parameter[]): fc.Arbitrary<string> {
  const known = parameters.map(({ name, schema }) =>
    fc.oneof(
      { weight: 2, arbitrary: valuesOf(schema, {}).map((value) => `${name}=${encodeURIComponent(well(value))}`) },
      oddValues.map((value) => `${name}=${value}`),
    ),
  );
  const odd = fc.tuple(oddNames, oddValues).map(([name, value]) => `${name}=${value}`);
  const pairs = fc.oneof(
    ...known.map((arbitrary) => ({ weight: 4, arbitrary })),
    odd,
    fc.constantFrom('&', '=', marker),
  );
  return fc
    .oneof({ weight: 2, arbitrary: fc.constant([]) }, fc.array(pairs, { minLength: 1, maxLength: 4 }))
    .map((all) => (all.length === 0 ? '' : `?${all.join('&')}`));
}

const well = (value: unknown) => String(value).toWellFormed();

const usualHeaders: Record<string, fc.Arbitrary<string>> = {
  'Idempotency-Key': fc.constantFrom('a', 'b', 'c', marker),
  Prefer: fc.constantFrom(
    'wait=0',
    'wait',
    'wait=5',
    'respond-async, wait="7"',
    `wait=${'9'.repeat(30)}`,
    `${marker}; wait=1`,
  ),
  'If-None-Match': fc.constantFrom('*', 'W/"x"', `"${marker}"`),
  'Last-Event-ID': fc.constantFrom('end', '0-0', '1-1', '999999999999999-9999999999', '1896091200012-0'),
};
const otherHeaders = fc.constantFrom(
  'X-Request-Id',
  'X-Forwarded-Proto',
  'X-Forwarded-Host',
  'X-HTTP-Method-Override',
  'X-HF-Authorization',
  'Accept',
  'Accept-Encoding',
  'Content-Encoding',
  'Cookie',
  'Origin',
  'Range',
  ...Object.keys(usualHeaders),
);

function headersOf(parameters: Parameter[]): fc.Arbitrary<[string, string][]> {
  const known = parameters.map(({ name }) =>
    fc.tuple(fc.constant(name), fc.oneof({ weight: 3, arbitrary: usualHeaders[name] ?? headerTexts }, headerTexts)),
  );
  const other = fc.tuple(otherHeaders, headerTexts);
  return fc.array(fc.oneof(...known.map((arbitrary) => ({ weight: 3, arbitrary })), other), { maxLength: 3 });
}

function bodiesOf({ requestBody, method }: Described, { components }: OpenapiDocument): fc.Arbitrary<Body> {
  const { schemas } = components;
  if (method === 'GET') return fc.constant(noBody);
  const kinds = Object.entries(requestBody?.content ?? {}).flatMap(([type, { schema }]) => {
    if (type === 'multipart/form-data')
      return [forms, hostileForms].map((kind) => ({ weight: 1, arbitrary: kind(valuesOf(schema, schemas)) }));
    const values = schema.$ref?.endsWith('/Batch') ? batches(schemas) : valuesOf(schema, schemas);
    return [jsonBodies, hostileBodies].map((kind) => ({ weight: 3, arbitrary: kind(values) }));
  });
  const none = { weight: requestBody?.required ? 1 : 4, arbitrary: fc.constant(noBody) };
  const unasked = { weight: 1, arbitrary: hostileBodies(fc.jsonValue()) };
  return fc.oneof(none, ...(kinds.length > 0 ? kinds : [unasked]));
}

/** The schema lets an item be anything, for each is judged by itself; most are to be submissions. */
function batches(schemas: OpenapiDocument['components']['schemas']): fc.Arbitrary<unknown> {
  const items = fc.oneof({ weight: 3, arbitrary: valuesOf({ $ref: 'Submission' }, schemas) }, fc.jsonValue());
  return fc.record({ jobs: fc.array(items, { minLength: 1, maxLength: 4 }) }, { noNullPrototype: true });
}

/** Printed by fast-check as a person can read it. */
export const withText = (draft: Draft): Draft => ({ ...draft, [fc.toStringMethod]: () => asText(draft) }) as Draft;

/** What a person needs to send it again. */
function asText({ method, path, condition, query, headers, body, caller }: Draft): string {
  const lines = headers.map(([name, value]) => `${name}: ${short(value)}`);
  const bytes = Buffer.from(body.bytes);
  return [
    `${method} ${short(path + query)}  (job: ${condition}, key: ${caller})`,
    ...lines,
    `Content-Type: ${body.type}`,
    `${bytes.length} bytes: ${short(JSON.stringify(bytes.toString('latin1')))}`,
  ].join('\n');
}

const short = (text: string) => (text.length > 600 ? `${text.slice(0, 600)}… (${text.length})` : text);
