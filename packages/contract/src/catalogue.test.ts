import { expect, test } from 'vitest';
import { describeTask, exampleOf, taskInfoSchema } from './catalogue.ts';
import { taskNames } from './tasks.ts';

test.each(taskNames)('%s can be told', (name) => {
  const info = taskInfoSchema.parse({ ...describeTask(name), status: null });
  expect(info.input).toMatchObject({ $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'object' });
  expect(info.output).toMatchObject({ type: 'object' });
  expect(exampleOf(name)?.task).toBe(name);
});

test('options tell their defaults and need not be given', () => {
  const { options } = describeTask('classify-text');
  expect(options).toMatchObject({ properties: { topK: { type: 'integer', minimum: 1, maximum: 1000, default: 5 } } });
  expect(options).not.toHaveProperty('required');
});

test('a task without a file says nothing of one', () => {
  expect(describeTask('summarize').upload).toEqual({ field: 'text', kind: 'document' });
  expect(describeTask('chat')).not.toHaveProperty('upload');
});
