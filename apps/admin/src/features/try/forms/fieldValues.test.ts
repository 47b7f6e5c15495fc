import { expect, test } from 'vitest';
import { collect, shownValue } from './fieldValues.ts';
import { fieldsOf } from './schemaFields.ts';

const fields = fieldsOf(
  {
    type: 'object',
    properties: {
      text: { type: 'string' },
      note: { type: 'string' },
      tone: { enum: ['plain', 'warm'], default: 'plain' },
      count: { type: 'integer', default: 5 },
      loud: { type: 'boolean' },
      quiet: { type: 'boolean', default: true },
      stop: { type: 'array', items: { type: 'string' }, default: ['a', 'b'] },
      extra: { default: { a: 1 } },
    },
    required: ['text', 'loud'],
  },
  '/input',
);
const shown = (values: Record<string, unknown>) =>
  Object.fromEntries(fields.map((field) => [field.name, shownValue(field, values)]));

test('untouched fields show their defaults', () => {
  expect(shown({})).toEqual({
    text: '',
    note: '',
    tone: 'plain',
    count: 5,
    loud: false,
    quiet: true,
    stop: 'a\nb',
    extra: '{\n  "a": 1\n}',
  });
});

test('fields show what was put there, emptiness too', () => {
  expect(shown({ tone: 'warm', count: '', quiet: false, stop: '', extra: '{' })).toMatchObject({
    tone: 'warm',
    count: '',
    quiet: false,
    stop: '',
    extra: '{',
  });
});

test('what nobody touched is left to the service, but for what it needs', () => {
  expect(collect(fields, {})).toEqual({ value: { text: '', loud: false }, faults: [] });
  expect(collect(fields, { text: 'x', note: '', count: '', stop: '', extra: '' }).value).toEqual({
    text: 'x',
    loud: false,
  });
});

test('what was put there is sent as its kind', () => {
  const values = { text: ' ', count: 7, tone: 'warm', loud: true, quiet: false, stop: 'one\n\ntwo ', extra: '[1]' };
  expect(collect(fields, values).value).toEqual({
    text: ' ',
    count: 7,
    tone: 'warm',
    loud: true,
    quiet: false,
    stop: ['one', 'two '],
    extra: [1],
  });
  // a field for numbers holds text while it is no number yet, or too long for one
  expect(collect(fields, { count: '12' }).value).toMatchObject({ count: 12 });
  expect(collect(fields, { count: '-' }).value).toMatchObject({ count: '-' });
});

test('what is no JSON is a fault at its field', () => {
  const { value, faults } = collect(fields, { extra: "{'a': 1}" });
  expect(value).not.toHaveProperty('extra');
  expect(faults).toEqual([{ pointer: '/input/extra', message: expect.stringContaining('must be JSON') }]);
});

test('one field for the whole is the whole', () => {
  const whole = fieldsOf({ type: 'array' }, '/input');
  expect(collect(whole, { '': '[1, 2]' }).value).toEqual([1, 2]);
  expect(collect(whole, {}).value).toBeUndefined();
});
