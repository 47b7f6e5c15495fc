import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { streamEventSchema } from '../events.ts';
import { jobSchema } from '../jobs.ts';
import { problemSchema } from '../problems.ts';
import { submitSchema } from '../submission.ts';
import { isTaskName, taskNames, tasks } from '../tasks.ts';
import { openapiDocument } from './document.ts';
import type { Content } from './route.ts';

/** As it goes over the wire. */
const document = JSON.parse(JSON.stringify(openapiDocument())) as ReturnType<typeof openapiDocument>;
const committed = path.resolve(import.meta.dirname, '../../../../docs/openapi.json');

const ajv = new Ajv2020({ strict: false, validateFormats: false }).addSchema(document, 'openapi');
const fits = (schema: string, value: unknown) => ajv.validate(`openapi#/components/schemas/${schema}`, value);

/** What the gateway's own parse says to a submission. */
function isTaken(body: unknown): boolean {
  const envelope = submitSchema.safeParse(body);
  if (!envelope.success || !isTaskName(envelope.data.task)) return false;
  const { input, options } = tasks[envelope.data.task];
  return input.safeParse(envelope.data.input).success && options.safeParse(envelope.data.options ?? {}).success;
}

test('docs/openapi.json is current', async () => {
  expect(JSON.parse(await readFile(committed, 'utf8')), 'renew it with: npm run openapi').toEqual(document);
});

test('it is valid OpenAPI 3.1, and every reference leads somewhere', async () => {
  const validator = new Validator();
  expect(await validator.validate({ ...structuredClone(document) })).toEqual({ valid: true });
  expect(validator.version).toBe('3.1');
  const refs = JSON.stringify(document).matchAll(/"#\/([^"]+)"/g);
  for (const [, pointer = ''] of refs) {
    const target = pointer.split('/').reduce<unknown>((at, key) => (at as Record<string, unknown>)?.[key], document);
    expect(target, pointer).toBeDefined();
  }
});

test('operations have ids of their own', () => {
  const ids = Object.values(document.paths).flatMap((item) => Object.values(item).map((at) => at.operationId));
  expect(new Set(ids).size).toBe(ids.length);
});

test.each(taskNames)('%s has an example that is taken, and schemas', (task) => {
  const example =
    document.paths['/api/v1/jobs']?.post?.requestBody?.content['application/json']?.examples?.[task]?.value;
  expect(example).toMatchObject({ task });
  expect(isTaken(example)).toBe(true);
  expect(fits('Submission', example), ajv.errorsText()).toBe(true);
});

describe('the schema of a submission says what is taken', () => {
  const text = 'A text.';
  const user = { role: 'user', content: 'Hello?' };
  test.each([
    { task: 'summarize', input: { text } },
    { task: 'summarize', input: { text }, options: { length: 'long', minTokens: 1, maxTokens: 2000 } },
    { task: 'summarize', input: { text: ' \n a \ufeff\n' }, timeLimitMs: 1, deadline: '2030-01-31T12:00:00+01:00' },
    { task: 'classify-text', input: { text: '漢' }, options: { topK: 1000 } },
    { task: 'classify-image', input: { imageBase64: 'AA==' }, options: {} },
    { task: 'chat', input: { messages: [user] }, options: { seed: 4_294_967_295, stop: ['a', 'b', 'c', 'd'] } },
  ])('yes: %j', (body) => {
    expect([isTaken(body), fits('Submission', body)]).toEqual([true, true]);
  });
  test.each([
    {},
    [],
    { task: 'summarize' },
    { task: 'translate', input: { text } },
    { task: 'summarize', input: { text }, colour: 'red' },
    { task: 'summarize', input: { text, colour: 'red' } },
    { task: 'summarize', input: { text: 7 } },
    { task: 'summarize', input: { text: '' } },
    { task: 'summarize', input: { text: ' \n\t\u3000\ufeff' } },
    { task: 'summarize', input: { text: 'a\0b' } },
    { task: 'summarize', input: { text: 'x'.repeat(2_000_001) } },
    { task: 'summarize', input: { text }, options: { topK: 3 } },
    { task: 'summarize', input: { text }, options: { maxTokens: 2001 } },
    { task: 'summarize', input: { text }, deadline: '2030-01-31' },
    { task: 'summarize', input: { text }, timeLimitMs: 0.5 },
    { task: 'classify-text', input: { text }, options: { topK: 0 } },
    { task: 'classify-image', input: { imageBase64: 'data:image/png;base64,AA==' } },
    { task: 'chat', input: { text } },
    { task: 'chat', input: { messages: [] } },
    { task: 'chat', input: { messages: [{ role: 'robot', content: text }] } },
    { task: 'chat', input: { messages: [user] }, options: { stop: [''] } },
  ])('no: %#', (body) => {
    expect([isTaken(body), fits('Submission', body)]).toEqual([false, false]);
  });
});

/** Every example of a content with this schema. */
function examplesOf(schema: string): unknown[] {
  const contents = Object.values(document.paths)
    .flatMap((item) => Object.values(item))
    .flatMap(({ responses }) => Object.values(responses).flatMap(({ content }) => Object.values(content ?? {})));
  const has = (content: Content) => JSON.stringify(content.schema).includes(`schemas/${schema}"`);
  return contents.filter(has).flatMap(({ examples }) => Object.values(examples ?? {}).map(({ value }) => value));
}

test('the examples of jobs are jobs', () => {
  const jobs = examplesOf('Job');
  expect(jobs.length).toBeGreaterThan(2);
  for (const job of jobs) {
    expect(jobSchema.safeParse(job).error).toBeUndefined();
    expect(fits('Job', job), ajv.errorsText()).toBe(true);
  }
  expect(fits('Job', { ...(jobs[0] as object), task: 'chat', output: { summary: 'Of another task.' } })).toBe(false);
});

test('the examples of problems are problems', () => {
  const problems = examplesOf('Problem');
  expect(problems.length).toBeGreaterThan(0);
  for (const problem of problems) expect(problemSchema.safeParse(problem).error).toBeUndefined();
});

test('the example of a stream is one', () => {
  const [stream] = examplesOf('JobEvent') as string[];
  const events = [...(stream ?? '').matchAll(/^event: (.*)\ndata: (.*)\nid: .*\n\n/gm)];
  expect(events.map(([, type]) => type)).toEqual(['state', 'progress', 'output', 'done']);
  for (const [, type, data = ''] of events) {
    const event = JSON.parse(data);
    expect(streamEventSchema.parse(event).type).toBe(type);
    expect(fits('JobEvent', event), ajv.errorsText()).toBe(true);
  }
});
