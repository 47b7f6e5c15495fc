import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { failed, succeeded } from '@slipway/client/test-jobs';
import type { Job } from '@slipway/contract/jobs';
import { taskNames } from '@slipway/contract/tasks';
import { afterAll, expect, test } from 'vitest';
import { runAgainst } from './test-run.ts';
import { events, json, lifeOf, path, problemOf, taken } from './test-service.ts';

const folder = mkdtempSync(join(tmpdir(), 'slipway-cli-'));
afterAll(() => rmSync(folder, { recursive: true }));

const jobs = 'POST /api/v1/jobs';
/** A service that takes a job and runs it to this end. */
const house = (done: Job = succeeded) => ({
  [jobs]: json(taken, 202),
  [`GET ${path}`]: json(taken),
  [`GET ${path}/events`]: events(...lifeOf(done)),
});
const chatted: Job<'chat'> = {
  ...succeeded,
  task: 'chat',
  output: { message: { role: 'assistant', content: 'Short.' }, finishReason: 'stop' },
};
const labelled: Job<'classify-text'> = {
  ...succeeded,
  task: 'classify-text',
  output: {
    labels: [
      { label: 'POSITIVE', score: 0.9871 },
      { label: 'NEGATIVE', score: 0.0129 },
    ],
  },
};
const body = (had: { body: string } | undefined) => JSON.parse(had?.body ?? 'null');

test('a text is summarized: the result on standard output, a sparse log on standard error', async () => {
  const ran = await runAgainst(house(), ['summarize', '--text', 'Long.', '--length', 'short', '--max-tokens', '40']);
  expect(ran).toMatchObject({ code: 0, stdout: 'Short.\n', interrupts: 0 });
  expect(ran.stderr.split('\n')).toEqual([
    'It is number 2 in line.',
    '[░░░░░░░░░░░░░░░░░░░░]   0 %  It runs.',
    '[██████████░░░░░░░░░░]  50 %  Reading part 2 of 4.',
    '',
  ]);
  expect(body(ran.had[0])).toEqual({
    task: 'summarize',
    input: { text: 'Long.' },
    options: { length: 'short', maxTokens: 40 },
  });
  expect(ran.had[0]?.headers['idempotency-key']).toBeTruthy();
  expect(ran.had[0]?.headers.authorization).toBeUndefined();
});

test('a file goes with its name, terms and key', async () => {
  const file = join(folder, 'report.txt');
  writeFileSync(file, 'A long report.');
  const terms = [
    '--priority',
    'low',
    '--tag',
    'a',
    '--tag',
    'b',
    '--webhook',
    'https://x.test/h',
    '--deadline',
    '2030-01-31T12:00Z',
  ];
  const more = ['--time-limit', '90s', '--idempotency-key', 'mine', '--format', 'bullets', '--no-wait'];
  const ran = await runAgainst(house(), ['summarize', file, ...terms, ...more, '--api-key', 'k1']);
  expect(ran).toMatchObject({ code: 0, stdout: `${taken.id}\n`, stderr: '' });
  expect(ran.had).toHaveLength(1);
  const { headers, body: sent = '' } = ran.had[0] ?? {};
  expect(headers).toMatchObject({ authorization: 'Bearer k1', 'idempotency-key': 'mine' });
  const parts = sent
    .split(/--+[\w-]+formdata[\w-]*/)
    .map((part) => part.trim().replace(/^Content-Disposition: form-data; /, ''));
  for (const [name, value] of [
    ['task', 'summarize'],
    ['options', '{"format":"bullets"}'],
    ['priority', 'low'],
    ['tags', '["a","b"]'],
    ['webhook', '{"url":"https://x.test/h"}'],
    ['deadline', '2030-01-31T12:00:00.000Z'],
    ['timeLimitMs', '90000'],
  ])
    expect(parts).toContain(`name="${name}"\r\n\r\n${value}`);
  expect(sent).toContain('name="file"; filename="report.txt"');
  expect(sent).toContain('A long report.');
});

test.each([
  ['a pipe without an argument', ['summarize'], 'Größe.'],
  ['a pipe as -', ['summarize', '-'], 'Größe.'],
])('text comes through %s', async (_, args, stdin) => {
  const ran = await runAgainst(house(), args, { stdin });
  expect(ran).toMatchObject({ code: 0, stdout: 'Short.\n' });
  expect(body(ran.had[0])).toEqual({ task: 'summarize', input: { text: stdin } });
});

test.each([
  ['a PDF', 'summarize', new TextEncoder().encode('%PDF-1.7 …')],
  ['a Word file', 'summarize', new TextEncoder().encode('PK\u0003\u0004\u0014\u0000')],
  ['bytes that are no text', 'summarize', new Uint8Array([0xff, 0xfe, 0x41])],
  ['an image', 'classify-image', new TextEncoder().encode('GIF89a')],
])('%s through a pipe goes as a file', async (_, task, stdin) => {
  const ran = await runAgainst(house(), [task, '--no-wait'], { stdin });
  expect(ran.code).toBe(0);
  expect(ran.had[0]?.headers['content-type']).toMatch(/^multipart\/form-data/);
});

test('any input goes as JSON', async () => {
  const messages = [{ role: 'user', content: 'a' }];
  const ran = await runAgainst(house(), [
    'chat',
    '--input',
    JSON.stringify({ messages }),
    '--stop',
    'x',
    '--stop',
    'y',
    '--no-wait',
  ]);
  expect(body(ran.had[0])).toEqual({ task: 'chat', input: { messages }, options: { stop: ['x', 'y'] } });
});

test('a question in several words and how to answer it', async () => {
  const ran = await runAgainst(house(chatted), [
    'chat',
    '--system',
    'Be brief.',
    'Why',
    'is it so?',
    '--temperature',
    '0.5',
  ]);
  expect(ran).toMatchObject({ code: 0, stdout: 'Short.\n' });
  expect(body(ran.had[0])).toMatchObject({
    input: {
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Why is it so?' },
      ],
    },
    options: { temperature: 0.5 },
  });
});

test('labels are a table', async () => {
  const ran = await runAgainst(house(labelled), ['classify-text', '--text', 'Good.']);
  expect(ran.stdout).toBe(' 98.7 %  POSITIVE\n  1.3 %  NEGATIVE\n');
});

test('--json prints the job and nothing else', async () => {
  const ran = await runAgainst(house(), ['--json', 'summarize', '--text', 'Long.'], { terminal: true });
  expect(ran.code).toBe(0);
  expect(JSON.parse(ran.stdout)).toEqual(succeeded);
  const bad = await runAgainst(house({ ...failed }), ['summarize', '--text', 'Long.', '--json']);
  expect([bad.code, JSON.parse(bad.stdout)]).toEqual([1, failed]);
  const id = await runAgainst(house(), ['summarize', '--text', 'Long.', '--json', '--no-wait']);
  expect(JSON.parse(id.stdout)).toEqual(taken);
});

test.each(['failed', 'canceled', 'expired'] as const)(
  'a job that ends as %s ends the program with 1',
  async (state) => {
    const end: Job = { ...failed, state, error: { code: 'time_limit', message: 'Took too \u001blong.' } };
    const ran = await runAgainst(house(end), ['summarize', '--text', 'Long.']);
    expect(ran).toMatchObject({ code: 1, stdout: '' });
    expect(ran.stderr).toContain('Took too long. (time_limit)');
    expect(ran.stderr.includes(`slipway retry ${taken.id}`)).toBe(state !== 'canceled');
  },
);

test('a text from a task that nobody knows yet is asked for by no command', async () => {
  const ran = await runAgainst({}, ['translate', 'x']);
  expect(ran).toMatchObject({ code: 2, stdout: '' });
  expect(ran.stderr).toContain("unknown command 'translate'");
});

test.each<[string, string[], RegExp]>([
  ['no command', [], /Usage: slipway/],
  ['no input', ['summarize'], /Name a file, give --text, or pipe it in/],
  ['two inputs', ['summarize', 'a.txt', '--text', 'b'], /Give the input once/],
  ['no such file', ['summarize', 'no-such.pdf'], /no-such\.pdf is not there/],
  ['a folder', ['summarize', tmpdir()], /is a folder/],
  ['a word for a number', ['summarize', '--text', 'a', '--max-tokens', 'many'], /It must be a number/],
  ['a wrong choice', ['summarize', '--text', 'a', '--length', 'huge'], /short, medium, long/],
  ['a flag that is not there', ['summarize', '--text', 'a', '--nope'], /unknown option '--nope'/],
  ['bad JSON', ['summarize', '--input', '{'], /It must be JSON/],
  ['a bad idempotency key', ['summarize', '--text', 'a', '--idempotency-key', 'ключ'], /characters of ASCII/],
  ['a bad deadline', ['summarize', '--text', 'a', '--deadline', 'soon'], /span as 10m/],
  ['no id', ['show'], /missing required argument 'id'/],
  ['a bad address', ['tasks', '--url', 'localhost:7860'], /must begin with http/],
  ['a bad key', ['tasks', '--api-key', 'ключ'], /no key has/],
])('%s is wrong use: 2, and nothing is asked', async (_, args, said) => {
  const ran = await runAgainst({}, args);
  expect(ran).toMatchObject({ code: 2, stdout: '', had: [] });
  expect(ran.stderr).toMatch(said);
});

test('nothing through the pipe is wrong use', async () => {
  const ran = await runAgainst({}, ['summarize'], { stdin: new Uint8Array(0) });
  expect(ran).toMatchObject({ code: 2, stderr: 'Nothing came through the pipe.\n' });
});

test('what the service refuses is told by flag', async () => {
  const errors = [
    { pointer: '/options/maxTokens', message: 'must be at most 2000' },
    { pointer: '/input/text', message: 'must not be empty or blank' },
    { pointer: '/tags/0', message: 'must be 1 to 64 letters' },
  ];
  const refusal = problemOf(422, 'invalid_input', 'No.', { errors });
  const ran = await runAgainst({ [jobs]: json(refusal, 422) }, ['summarize', '--text', ' ', '--max-tokens', '9999']);
  expect(ran).toMatchObject({ code: 2, stdout: '' });
  expect(ran.stderr).toBe(
    'The service refused this:\n  --max-tokens must be at most 2000\n  the input: text must not be empty or blank\n  --tag must be 1 to 64 letters\n',
  );
});

test.each([
  [401, 'unauthorized', 2, 'SLIPWAY_API_KEY'],
  [404, 'job_not_found', 2, 'Is the id complete'],
  [429, 'queue_full', 3, 'Try again in 60 s'],
  [503, 'queue_unavailable', 3, 'Try again in a while'],
  [500, 'internal', 1, 'r1'],
])('HTTP %i %s ends the program with %i and says what to do', async (status, code, exitCode, advice) => {
  const answer = json(problemOf(status, code, 'It is so.'), status, { 'Retry-After': '60' });
  const ran = await runAgainst({ [`GET ${path}`]: answer }, ['show', taken.id, '--patience', '10s']);
  expect(ran).toMatchObject({ code: exitCode, stdout: '' });
  expect(ran.stderr).toContain('It is so.');
  expect(ran.stderr).toContain(advice);
});

test('a service that is full for a moment is asked again', async () => {
  const full = json(problemOf(429, 'queue_full', 'The queue is full.'), 429, { 'Retry-After': '0' });
  const ran = await runAgainst({ ...house(), [jobs]: [full, json(taken, 202)] }, [
    'summarize',
    '--text',
    'Long.',
    '--no-wait',
  ]);
  expect(ran).toMatchObject({ code: 0, stderr: 'The queue is full. Trying again at once.\n' });
  const [first, second] = ran.had.map(({ headers }) => headers['idempotency-key']);
  expect(second).toBe(first);
});

test('something else at the address is no service', async () => {
  const ran = await runAgainst({ 'GET /api/v1/tasks': (res) => res.end('<h1>Hello</h1>') }, ['tasks']);
  expect(ran.code).toBe(3);
  expect(ran.stderr).toContain('Is this the address of the service?');
});

test.each([[], ...taskNames.map((task) => [task]), ['jobs'], ['show'], ['wait'], ['cancel'], ['retry'], ['erase']])(
  'help of %s has examples and the flags of all',
  async (...args) => {
    const ran = await runAgainst({}, [...args, '--help']);
    expect(ran).toMatchObject({ code: 0, stderr: '', had: [] });
    expect(ran.stdout).toContain(`$ slipway ${args[0] ?? 'summarize'}`);
    expect(ran.stdout).toContain('--api-key <key>');
  },
);

test("help of a task has its options with their defaults, and the house's key stays secret", async () => {
  const ran = await runAgainst({}, ['summarize', '--help'], { apiKey: 'secret' });
  expect(ran.stdout).toContain('--length <choice>');
  expect(ran.stdout.replace(/\s+/g, ' ')).toContain('(default: medium)');
  expect(ran.stdout).not.toContain('secret');
});
