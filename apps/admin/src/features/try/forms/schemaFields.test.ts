import { defineTask, type TaskDefinition } from '@slipway/contract/task';
import { taskNames, tasks } from '@slipway/contract/tasks';
import { textSchema } from '@slipway/contract/text';
import { expect, test } from 'vitest';
import { type Field, fieldExample, fieldsOf, inputFields, optionFields } from './schemaFields.ts';

const object = (properties: Record<string, unknown>, required: string[] = []) => ({
  type: 'object',
  properties,
  required,
});
const only = (property: unknown, required: string[] = []): Field | undefined =>
  fieldsOf(object({ maxWords: property }, required), '/options')[0];

test('each kind of property has its control, in the order of the schema', () => {
  const schema = object({
    name: { type: 'string' },
    text: { type: 'string', maxLength: 2_000_000 },
    tone: { type: 'string', enum: ['plain', 'warm'] },
    count: { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER },
    share: { type: 'number', maximum: 0.5 },
    loud: { type: 'boolean' },
    stop: { type: 'array', items: { type: 'string' } },
    tones: { type: 'array', items: { type: 'string', enum: ['plain', 'warm'] } },
    nested: { type: 'object', properties: { a: { type: 'string' } } },
    either: { anyOf: [{ type: 'string' }, { type: 'number' }] },
    anything: {},
  });
  expect(fieldsOf(schema, '/input').map(({ name, kind }) => [name, kind])).toEqual([
    ['name', 'text'],
    ['text', 'text'],
    ['tone', 'choice'],
    ['count', 'number'],
    ['share', 'number'],
    ['loud', 'switch'],
    ['stop', 'lines'],
    ['tones', 'json'],
    ['nested', 'json'],
    ['either', 'json'],
    ['anything', 'json'],
  ]);
  const fields = Object.fromEntries(fieldsOf(schema, '/input').map((field) => [field.name, field]));
  expect([fields.name, fields.text]).toMatchObject([{ long: false }, { long: true }]);
  expect(fields.tone).toMatchObject({ choices: ['plain', 'warm'] });
  expect(fields.count).toMatchObject({ whole: true, min: 1, max: undefined });
  expect(fields.share).toMatchObject({ whole: false, min: undefined, max: 0.5 });
});

test('a field is named by its property, or by the title that the schema gives it', () => {
  expect(only({ type: 'string' })).toMatchObject({
    pointer: '/options/maxWords',
    label: 'Max words',
    description: null,
    required: false,
    fallback: undefined,
  });
  expect(
    only({ type: 'string', title: 'Longest', description: 'In words.', default: 'x' }, ['maxWords']),
  ).toMatchObject({
    label: 'Longest',
    description: 'In words.',
    required: true,
    fallback: 'x',
  });
  expect(fieldsOf(object({ 'a/b~c': {} }), '')[0]?.pointer).toBe('/a~1b~0c');
  // as the service names it in its faults
  expect(fieldsOf(object({ ['x'.repeat(65)]: {} }), '')[0]?.pointer).toBe(`/${'x'.repeat(64)}`);
});

test('a schema that is no object is one field for the whole', () => {
  const whole = { name: '', pointer: '/input', label: 'Input', kind: 'json', required: true };
  expect(fieldsOf({ type: 'string' }, '/input')).toMatchObject([whole]);
  expect(fieldsOf({}, '/input')).toMatchObject([whole]);
});

test('every task of the catalogue has fields, and none asks for a model', () => {
  for (const task of taskNames) {
    expect(inputFields(tasks[task]).length).toBeGreaterThan(0);
    expect(optionFields(tasks[task]).map(({ name }) => name)).not.toContain('model');
  }
  expect(optionFields(tasks.summarize).map(({ name, fallback }) => [name, fallback])).toEqual([
    ['engine', 'auto'],
    ['length', 'medium'],
    ['minTokens', undefined],
    ['maxTokens', undefined],
    ['format', 'paragraph'],
  ]);
});

test('a field that a file may stand for is one of the input', () => {
  for (const task of taskNames) {
    const { upload }: TaskDefinition = tasks[task];
    if (upload) expect(inputFields(tasks[task]).map(({ name }) => name)).toContain(upload.field);
  }
});

test('a schema that JSON Schema has no word for is written as JSON rather than breaking the page', () => {
  const transformed = textSchema.transform((text) => text.length);
  const odd = defineTask({ ...tasks['classify-text'], name: 'odd', input: transformed });
  expect(inputFields(odd as unknown as TaskDefinition)).toMatchObject([{ name: '', kind: 'json' }]);
});

test('a text to try a field with comes from the schema', () => {
  const input = tasks['classify-text'].input.meta({ examples: [{ text: 'Good.' }] });
  const task: TaskDefinition = { ...tasks['classify-text'], input };
  expect(fieldExample(task, 'text')).toBe('Good.');
  expect(fieldExample(task, 'other')).toBeUndefined();
});
