import { escapeToken } from '@slipway/contract/parse';
import type { TaskDefinition } from '@slipway/contract/task';
import { inWords } from '../../../ui/inWords.ts';

/** A field of a form, as a JSON schema asks for it. */
export type Field = {
  /** The property; '' where the schema is no object and the field stands for the whole value. */
  name: string;
  /** JSON pointer (RFC 6901) into the body, as faults name it. */
  pointer: string;
  label: string;
  description: string | null;
  required: boolean;
  /** The value that counts while nobody gives another; undefined where there is none. */
  fallback: unknown;
} & FieldKind;

type FieldKind =
  | { kind: 'text'; long: boolean }
  | { kind: 'choice'; choices: string[] }
  | { kind: 'number'; whole: boolean; min: number | undefined; max: number | undefined }
  | { kind: 'switch' }
  | { kind: 'lines' }
  | { kind: 'json' };

/** The part of JSON Schema (2020-12) that has a control of its own; all else is written as JSON. */
interface Schema {
  type?: unknown;
  enum?: unknown;
  title?: unknown;
  description?: unknown;
  default?: unknown;
  minimum?: unknown;
  maximum?: unknown;
  maxLength?: unknown;
  items?: unknown;
  properties?: unknown;
  required?: unknown;
  examples?: unknown;
}

/** Longest text, in characters, that fits a field of one line. */
const lineLength = 200;

export const inputFields = ({ input }: TaskDefinition) => fieldsOf(jsonSchema(input), '/input');

/** `model` is left out: an instance has one model for each task. */
export const optionFields = ({ options }: TaskDefinition) =>
  fieldsOf(jsonSchema(options), '/options').filter(({ name }) => name !== 'model');

/** A text to try a field with, where the schema gives one. */
export function fieldExample({ input }: TaskDefinition, name: string): string | undefined {
  const { examples } = jsonSchema(input);
  const first: unknown = Array.isArray(examples) ? examples[0] : undefined;
  const example = isObject(first) ? first[name] : undefined;
  return typeof example === 'string' ? example : undefined;
}

const jsonSchema = (schema: TaskDefinition['input']): Schema =>
  schema.toJSONSchema({ io: 'input', unrepresentable: 'any' });

/** The fields of a schema in its own order; of one that is no object, a single one. */
export function fieldsOf(schema: Schema, pointer: string): Field[] {
  const required = Array.isArray(schema.required) ? schema.required : [];
  if (!isObject(schema.properties)) return [toField(schema, '', pointer, true)];
  return Object.entries(schema.properties).map(([name, property]) =>
    toField(isObject(property) ? property : {}, name, `${pointer}/${escapeToken(name)}`, required.includes(name)),
  );
}

function toField(schema: Schema, name: string, pointer: string, required: boolean): Field {
  return {
    name,
    pointer,
    label: typeof schema.title === 'string' ? schema.title : inWords(name || pointer.slice(1)),
    description: typeof schema.description === 'string' ? schema.description : null,
    required,
    fallback: schema.default,
    ...kindOf(schema, name),
  };
}

function kindOf(schema: Schema, name: string): FieldKind {
  // the fields of a whole value would need a form in a form
  if (name === '') return { kind: 'json' };
  if (isTexts(schema.enum)) return { kind: 'choice', choices: schema.enum };
  switch (schema.type) {
    case 'string':
      return { kind: 'text', long: typeof schema.maxLength === 'number' && schema.maxLength > lineLength };
    case 'integer':
    case 'number':
      return {
        kind: 'number',
        whole: schema.type === 'integer',
        min: numberOr(schema.minimum),
        max: numberOr(schema.maximum),
      };
    case 'boolean':
      return { kind: 'switch' };
    case 'array':
      return isPlainText(schema.items) ? { kind: 'lines' } : { kind: 'json' };
    default:
      return { kind: 'json' };
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string');
const isPlainText = (items: unknown) => isObject(items) && items.type === 'string' && items.enum === undefined;

/** Zod writes the bounds of every whole number, those of JavaScript's own too, which tell a person nothing. */
const numberOr = (value: unknown) =>
  typeof value === 'number' && Math.abs(value) < Number.MAX_SAFE_INTEGER ? value : undefined;
