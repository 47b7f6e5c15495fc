import type { Schema } from '@slipway/contract/openapi/schemas';
import fc from 'fast-check';
import { strings } from './strings.ts';

type Schemas = Record<string, Schema>;

/**
 * Values of a JSON Schema 2020-12, as far as the contract writes such schemas for requests. Throws for what it does not
 * know, so that a new keyword or pattern is not passed over.
 */
export function valuesOf(schema: Schema, schemas: Schemas): fc.Arbitrary<unknown> {
  const { $ref, oneOf, anyOf, enum: options, examples } = schema;
  if ($ref !== undefined) return valuesOf(named($ref, schemas), schemas);
  const choice = oneOf ?? anyOf;
  if (choice) return fc.oneof(...choice.map((one) => valuesOf(one, schemas)));
  if ('const' in schema) return fc.constant(schema.const);
  if (Array.isArray(options)) return fc.constantFrom(...options);
  const made = typed(schema, schemas);
  // some rules stand only in words, which the examples keep
  return examples ? fc.oneof({ weight: 2, arbitrary: made }, fc.constantFrom(...examples)) : made;
}

function named($ref: string, schemas: Schemas): Schema {
  const schema = schemas[$ref.split('/').at(-1) ?? ''];
  if (!schema) throw new Error(`${$ref} leads nowhere`);
  return schema;
}

function typed(schema: Schema, schemas: Schemas): fc.Arbitrary<unknown> {
  const { type, minimum, maximum, minItems, maxItems, items = {} } = schema as Schema & Record<string, number>;
  if (type === 'object') return objects(schema, schemas);
  if (type === 'array')
    return fc.array(valuesOf(items as Schema, schemas), bounds({ minLength: minItems, maxLength: maxItems }));
  if (type === 'string') return texts(schema);
  if (type === 'integer') return fc.maxSafeInteger().map((n) => between(n, minimum, maximum));
  if (type === 'number') return fc.double(bounds({ noNaN: true, min: minimum, max: maximum }));
  if (type === 'boolean') return fc.boolean();
  if (type === undefined) return fc.jsonValue({ stringUnit: 'binary', maxDepth: 4 });
  throw new Error(`write a generator for the type ${type}`);
}

function objects({ properties = {}, required = [] }: Schema, schemas: Schemas): fc.Arbitrary<unknown> {
  const fields = Object.entries(properties).map(([name, schema]) => [name, valuesOf(schema, schemas)] as const);
  return fc.record(Object.fromEntries(fields), { requiredKeys: required, noNullPrototype: true });
}

function texts(schema: Schema): fc.Arbitrary<string> {
  const { pattern, format, minLength = 0, maxLength = Number.POSITIVE_INFINITY } = schema as Record<string, never>;
  const fits = (text: string) => text.length >= minLength && text.length <= maxLength;
  if (format === 'date-time') return times;
  if (format === 'uri')
    return fc.tuple(fc.webUrl(), strings).map(([url, text]) => cut(`${url}/${encodeURI(well(text))}`, 2_048));
  if (pattern === undefined) return strings.map((text) => (fits(text) ? text : 'a'.repeat(Math.max(1, minLength))));
  const form = new RegExp(pattern, 'u');
  return fc.tuple(strings, matching(pattern)).map(([any, match]) => (form.test(any) && fits(any) ? any : match));
}

/** Most in the future, where a deadline must lie, and the same each time. */
const times = fc
  .tuple(
    fc.oneof(
      {
        weight: 3,
        arbitrary: fc.date({ min: new Date('2100-01-01'), max: new Date('9998-01-01'), noInvalidDate: true }),
      },
      fc.date({ min: new Date('0000-01-01'), max: new Date('9998-01-01'), noInvalidDate: true }),
    ),
    fc.constantFrom('Z', '+00:00', '-23:59', '+14:00', '+23:59'),
  )
  .map(([date, zone]) => date.toISOString().replace('Z', zone));

function matching(pattern: string): fc.Arbitrary<string> {
  // has a look-ahead, which fast-check can't follow
  if (pattern.startsWith('^whsec_'))
    return fc
      .uint8Array({ minLength: 24, maxLength: 64 })
      .map((bytes) => `whsec_${Buffer.from(bytes).toString('base64')}`);
  return fc.stringMatching(new RegExp(pattern, 'u'));
}

function between(n: number, min: number = Number.MIN_SAFE_INTEGER, max: number = Number.MAX_SAFE_INTEGER): number {
  const width = max - min + 1;
  return n >= min && n <= max ? n : min + (Math.abs(n) % width);
}

/** Without what is undefined, which fast-check refuses. */
const bounds = <T extends object>(given: T) =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
const cut = (text: string, length: number) => text.slice(0, length).replace(/%.?$/, '');
const well = (text: string) => text.toWellFormed();
