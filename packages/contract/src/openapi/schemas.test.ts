import { expect, test } from 'vitest';
import { z } from 'zod';
import { defineTask } from '../task.ts';
import { tasks } from '../tasks.ts';
import { textSchema } from '../text.ts';
import { componentSchemas } from './schemas.ts';

const countWords = defineTask({
  name: 'count-words',
  title: 'Count the words of a text',
  input: tasks.summarize.input, // a schema that two tasks share
  options: z.strictObject({ above: textSchema.optional() }),
  output: z.object({ words: z.int() }),
  engines: ['builtin'],
  attempts: 1,
  timeoutMs: 1,
});

test('one more definition is known everywhere', () => {
  const schemas = componentSchemas({ ...tasks, countWords });
  expect(schemas.CountWordsInput).toEqual(schemas.SummarizeInput);
  expect(schemas.CountWordsInput?.properties).toHaveProperty('text');
  expect(schemas.CountWordsSubmission?.properties).toMatchObject({
    task: { const: 'count-words' },
    input: { $ref: '#/components/schemas/CountWordsInput' },
  });
  expect(schemas.SummarizeSubmission?.properties?.input).toEqual({ $ref: '#/components/schemas/SummarizeInput' });
  expect(schemas.Submission?.oneOf).toContainEqual({ $ref: '#/components/schemas/CountWordsSubmission' });
  expect(schemas.Job?.discriminator).toMatchObject({
    mapping: { 'count-words': '#/components/schemas/CountWordsJob', summarize: '#/components/schemas/SummarizeJob' },
  });
  expect(schemas.Upload?.oneOf).not.toContainEqual({ $ref: '#/components/schemas/CountWordsUpload' });
});

test('a form takes the terms of the body, a file in the place of the input', () => {
  const { SummarizeUpload, SummarizeSubmission } = componentSchemas();
  const { input, ...rest } = SummarizeSubmission?.properties ?? {};
  expect(SummarizeUpload?.properties).toEqual({ ...rest, file: expect.objectContaining({ format: 'binary' }) });
  expect(SummarizeUpload?.required).toEqual(['task', 'file']);
});

test('answers leave room for fields that come later, requests do not', () => {
  const { JobFields, SummarizeSubmission } = componentSchemas();
  expect(JobFields).not.toHaveProperty('additionalProperties');
  expect(SummarizeSubmission?.additionalProperties).toBe(false);
});
