import { jobSchema } from '@slipway/contract/jobs';
import { problemSchema } from '@slipway/contract/problems';
import { maxTextLength } from '@slipway/contract/text';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { maxBodyBytes, openTestApp, type TestApp } from './test-app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await openTestApp(inject('redisUrl'));
});
afterAll(() => app.close());

const user = { role: 'user', content: 'Hello?' };
const chat = (messages: unknown) => app.submit({ task: 'chat', input: { messages } });

test('text comes through to the letter', async () => {
  const text = 'Tab\there, "quotes", \u202Eright-to-left\u202C, 漢字, 👩‍🚀, \u{10FFFF} and \u0001.';
  const job = jobSchema.parse(await (await app.summarize(text)).json());
  const stored = await app.queues.use(({ queue }) => queue('summarize').getJob(job.id));
  expect(stored?.data.input).toEqual({ text });
});

describe('bad input is refused, names its field, and makes no job', () => {
  const cases: [
    name: string,
    send: () => Response | Promise<Response>,
    status: number,
    code: string,
    pointer?: string,
  ][] = [
    ['no body', () => app.post(''), 400, 'invalid_json'],
    ['half a body', () => app.post('{"task":"summ'), 400, 'invalid_json'],
    ['bytes that are not UTF-8', () => app.post(Uint8Array.from([0x22, 0xff, 0xfe, 0x22])), 400, 'invalid_encoding'],
    ['another media type', () => app.post('text', { 'Content-Type': 'text/plain' }), 415, 'unsupported_media_type'],
    ['no media type', () => app.post(Uint8Array.from([0x7b, 0x7d]), {}), 415, 'unsupported_media_type'],
    ['a list', () => app.submit([]), 422, 'invalid_input', ''],
    ['null', () => app.submit(null), 422, 'invalid_input', ''],
    ['no task', () => app.submit({ input: { text: 'x' } }), 422, 'invalid_input', '/task'],
    ['an unknown task', () => app.submit({ task: 'translate', input: {} }), 422, 'invalid_input', '/task'],
    ['a task of Object.prototype', () => app.submit({ task: 'constructor', input: {} }), 422, 'invalid_input', '/task'],
    ['no input', () => app.submit({ task: 'summarize' }), 422, 'invalid_input', '/input'],
    [
      'a misspelt field',
      () => app.submit({ task: 'summarize', input: { text: 'x' }, option: {} }),
      422,
      'invalid_input',
      '/option',
    ],
    ['no text', () => app.submit({ task: 'summarize', input: {} }), 422, 'invalid_input', '/input/text'],
    ['a number for text', () => app.summarize(7), 422, 'invalid_input', '/input/text'],
    ['an empty text', () => app.summarize(''), 422, 'invalid_input', '/input/text'],
    ['a blank text', () => app.summarize(' \n\t\u3000'), 422, 'invalid_input', '/input/text'],
    ['NUL in the text', () => app.summarize('a\0b'), 422, 'invalid_input', '/input/text'],
    ['half a surrogate pair', () => app.summarize('a\ud800b'), 422, 'invalid_input', '/input/text'],
    ['too long a text', () => app.summarize('x'.repeat(maxTextLength + 1)), 422, 'invalid_input', '/input/text'],
    ['an unknown engine', () => app.summarize('x', { engine: 'magic' }), 422, 'invalid_input', '/options/engine'],
    ['a negative bound', () => app.summarize('x', { maxTokens: -1 }), 422, 'invalid_input', '/options/maxTokens'],
    [
      'crossed bounds',
      () => app.summarize('x', { minTokens: 9, maxTokens: 3 }),
      422,
      'invalid_input',
      '/options/minTokens',
    ],
    ['another model', () => app.summarize('x', { model: 'a/b' }), 422, 'invalid_input', '/options/model'],
    ['a task that is turned off', () => app.submit({ task: 'classify-image', input: {} }), 422, 'task_disabled'],
    ['no messages', () => chat([]), 422, 'invalid_input', '/input/messages'],
    ['an unknown role', () => chat([{ role: 'robot', content: 'x' }]), 422, 'invalid_input', '/input/messages/0/role'],
    ['roles out of order', () => chat([user, user]), 422, 'invalid_input', '/input/messages/1/role'],
    [
      'the assistant last',
      () => chat([user, { role: 'assistant', content: 'x' }]),
      422,
      'invalid_input',
      '/input/messages',
    ],
    [
      'a negative count',
      () => app.submit({ task: 'classify-text', input: { text: 'x' }, options: { topK: -1 } }),
      422,
      'invalid_input',
      '/options/topK',
    ],
    ['a body over the limit', () => app.post('x'.repeat(maxBodyBytes + 1)), 413, 'body_too_large'],
  ];
  test.each(cases)('%s', async (_name, send, status, code, pointer) => {
    const before = await app.jobCount();
    const answer = await send();
    const problem = problemSchema.parse(await answer.json());
    expect(answer.headers.get('Content-Type')).toBe('application/problem+json');
    expect(problem).toMatchObject({ status, code, requestId: answer.headers.get('X-Request-Id') });
    expect(answer.status).toBe(status);
    if (pointer !== undefined) expect(problem.errors?.map((fault) => fault.pointer)).toEqual([pointer]);
    expect(await app.jobCount()).toBe(before);
  });

  test('what is wrong in options and input is told at once', async () => {
    const answer = await app.submit({
      task: 'summarize',
      input: { text: '' },
      options: { engine: 'magic', maxTokens: 0 },
    });
    const { errors } = problemSchema.parse(await answer.json());
    expect(errors?.map(({ pointer }) => pointer)).toEqual(['/options/engine', '/options/maxTokens', '/input/text']);
  });

  test('an oversized body without a length', async () => {
    const chunk = new Uint8Array(1024 * 1024).fill(0x20);
    let sent = 0;
    const body = new ReadableStream({
      pull(controller) {
        sent += 1;
        controller.enqueue(chunk);
      },
    });
    const request = { method: 'POST', body, duplex: 'half', headers: { 'Content-Type': 'application/json' } };
    const answer = await app.request('/api/v1/jobs', request as RequestInit);
    expect(answer.status).toBe(413);
    expect(sent).toBeLessThan(8); // it was not read to the end (there is none)
  });

  test('of very many faults the first are told', async () => {
    const names = Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`field${i}`, 1]));
    const answer = await app.submit({ task: 'summarize', input: { text: 'x', ...names } });
    expect(problemSchema.parse(await answer.json()).errors).toHaveLength(20);
  });

  test('a long unknown name goes back cut, and several faults are told together', async () => {
    const answer = await app.submit({ task: 'summarize', input: { text: '', ['x'.repeat(10_000)]: 1 } });
    const problem = problemSchema.parse(await answer.json());
    expect(problem.errors?.map((fault) => fault.pointer.slice(0, 12))).toEqual(['/input/text', '/input/xxxxx']);
    expect(JSON.stringify(problem).length).toBeLessThan(1_000);
  });
});

test('a deadline stands on the job; one in the past is refused', async () => {
  const body = (deadline: string) => ({ task: 'summarize', input: { text: 'x' }, deadline });
  const job = jobSchema.parse(await (await app.submit(body('2099-01-31T12:00:00+01:00'))).json());
  expect(job.deadline).toBe('2099-01-31T11:00:00.000Z');
  const late = await app.submit(body('2001-01-01T00:00:00Z'));
  expect(late.status).toBe(422);
  expect(problemSchema.parse(await late.json()).errors?.[0]?.pointer).toBe('/deadline');
});

test('a term that is null is not set; what must be there or is not known is told all the same', async () => {
  const none = { options: null, deadline: null, timeLimitMs: null, priority: null, tags: null, webhook: null };
  const taken = await app.submit({ task: 'summarize', input: { text: 'x' }, ...none });
  expect(taken.status).toBe(202);
  expect(jobSchema.parse(await taken.json())).toMatchObject({ priority: 'normal', tags: [], deadline: null });
  const refused = await app.submit({ task: null, input: { text: 'x' }, prioirty: null });
  const { errors } = problemSchema.parse(await refused.json());
  expect(errors?.map(({ pointer }) => pointer)).toEqual(['/task', '/prioirty']);
});
