import { failed, succeeded } from '@slipway/client/test-jobs';
import type { Job } from '@slipway/contract/jobs';
import { expect, test } from 'vitest';
import { runAgainst } from './test-run.ts';
import { events, json, lifeOf, path, taken } from './test-service.ts';

const { output: _, ...listed } = { ...succeeded, tags: ['night', 'b'], excerpt: 'Long,\nlong.' };

test('jobs are a table, with what was asked for in the query', async () => {
  const answers = { 'GET /api/v1/jobs': json({ jobs: [listed], nextCursor: 'c2' }) };
  const flags = ['--state', 'failed', '--task', 'summarize', '--tag', 'night', '--search', 'two words', '--limit', '5'];
  const ran = await runAgainst(answers, ['jobs', ...flags, '--since', '2026-01-02', '--cursor', 'c1'], { apiKey: 'k' });
  expect(ran).toMatchObject({ code: 0, stderr: 'There may be more: --cursor c2\n' });
  expect(ran.stdout).toMatch(new RegExp(`^${listed.id}  succeeded  \\d+ \\w+ ago  #night #b  Long, long\\.\n$`));
  const { searchParams } = new URL(`http://x${ran.had[0]?.what.split(' ')[1]}`);
  expect(Object.fromEntries(searchParams)).toEqual({
    state: 'failed',
    task: 'summarize',
    tag: 'night',
    q: 'two words',
    limit: '5',
    from: '2026-01-02T00:00:00.000Z',
    cursor: 'c1',
  });
  expect(ran.had[0]?.headers.authorization).toBe('Bearer k');
});

test('jobs as JSON, and where there are none', async () => {
  const page = { jobs: [], nextCursor: null };
  const ran = await runAgainst({ 'GET /api/v1/jobs': json(page) }, ['jobs', '--json']);
  expect(ran).toMatchObject({ code: 0, stdout: `${JSON.stringify(page)}\n`, stderr: 'There are none.\n' });
});

test('show tells what is known of a job, whatever became of it', async () => {
  const ran = await runAgainst({ [`GET ${path}`]: json(succeeded) }, ['show', taken.id]);
  expect(ran.code).toBe(0);
  expect(ran.stdout).toMatch(/^state +succeeded$/m);
  expect(ran.stdout.endsWith('\nShort.\n')).toBe(true);
  const bad = await runAgainst({ [`GET ${path}`]: json(failed) }, ['show', taken.id]);
  expect(bad.code).toBe(0);
  expect(bad.stdout).toMatch(/^state +failed: Took too long\. \(time_limit\)$/m);
});

test('wait, also for what has ended', async () => {
  const answers = { [`GET ${path}`]: json(taken), [`GET ${path}/events`]: events(...lifeOf(succeeded)) };
  expect(await runAgainst(answers, ['wait', taken.id])).toMatchObject({ code: 0, stdout: 'Short.\n' });
  expect(await runAgainst({ [`GET ${path}`]: json(failed) }, ['wait', taken.id])).toMatchObject({
    code: 1,
    stdout: '',
  });
});

test('cancel says how it stands', async () => {
  const running: Job = { ...taken, state: 'running' };
  const ran = await runAgainst({ [`POST ${path}/cancel`]: json(running) }, ['cancel', taken.id]);
  expect(ran).toMatchObject({ code: 0, stdout: 'running\n' });
  expect(ran.stderr).toContain('told to stop');
});

test('retry waits for the new job, or prints its id', async () => {
  const old = 'summarize_BBBBBBBBBBBBBBBBBBBBBB';
  const answers = {
    [`POST /api/v1/jobs/${old}/retry`]: json(taken, 202),
    [`GET ${path}`]: json(taken),
    [`GET ${path}/events`]: events(...lifeOf(succeeded)),
  };
  const ran = await runAgainst(answers, ['retry', old]);
  expect(ran).toMatchObject({ code: 0, stdout: 'Short.\n' });
  expect(ran.stderr).toContain(taken.id);
  expect(ran.had[0]?.body).toBe('');
  const edited = await runAgainst(answers, ['retry', old, '--options', '{"length":"long"}', '--no-wait']);
  expect(edited).toMatchObject({ code: 0, stdout: `${taken.id}\n` });
  expect(edited.had[0]?.body).toBe('{"options":{"length":"long"}}');
});

test('erase', async () => {
  const erased = { ...failed, erasedAt: '2026-01-02T03:04:05.000Z' };
  const ran = await runAgainst({ [`DELETE ${path}`]: json(erased) }, ['erase', taken.id]);
  expect(ran).toMatchObject({ code: 0, stdout: 'erased\n', stderr: '' });
  const runs = { ...erased, state: 'running', erasedAt: null };
  const later = await runAgainst({ [`DELETE ${path}`]: json(runs, 202) }, ['erase', taken.id]);
  expect(later).toMatchObject({ code: 0, stdout: 'not ended yet; erased as soon as it has\n' });
});

test('tasks and models', async () => {
  const status = { engine: 'extractive', reason: 'So.', model: null };
  const task = { name: 'summarize', title: 'Summarize a text', input: {}, options: {}, output: {}, engines: [] };
  const tasks = [{ ...task, timeLimitMs: 1, attempts: 1, status }];
  const ran = await runAgainst({ 'GET /api/v1/tasks': json({ tasks }) }, ['tasks']);
  expect(ran).toMatchObject({ code: 0, stdout: 'summarize  extractive  Summarize a text\n' });
  const model = { task: 'chat', id: 'a/b', revision: null, dtype: null, device: 'cpu', deviceReason: null };
  const models = [{ ...model, state: 'ready', reason: 'It is there.' }];
  const answers = { 'GET /api/v1/models': json({ models }) };
  expect((await runAgainst(answers, ['models'])).stdout).toBe('chat  a/b  ready  cpu  It is there.\n');
  expect(JSON.parse((await runAgainst(answers, ['models', '--json'])).stdout)).toEqual({ models });
});
