import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { succeeded } from '@slipway/client/test-jobs';
import type { Job } from '@slipway/contract/jobs';
import { expect, onTestFinished, test } from 'vitest';
import { type Answer, events, path as jobPath, json, lifeOf, problemOf, serve, taken } from './test-service.ts';

const main = path.join(import.meta.dirname, 'main.ts');

async function serveForTest(answers: Record<string, Answer | Answer[]>) {
  const service = await serve(answers);
  onTestFinished(() => service.close());
  return service;
}

/** Runs the program as a process of its own. */
function start(args: string[], env: Record<string, string>, stdin = '') {
  const child = spawn(process.execPath, [main, ...args], { env });
  onTestFinished(() => void child.kill('SIGKILL'));
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text) => {
      said[name] += text;
    });
  child.stdin.on('error', () => {}).end(stdin);
  const ended = once(child, 'close').then(([code]) => ({ code, ...said }));
  return { child, said, ended };
}

const house = {
  'POST /api/v1/jobs': json(taken, 202),
  [`GET ${jobPath}`]: json(taken),
  [`GET ${jobPath}/events`]: events(...lifeOf(succeeded)),
};

test('a real run: text through a pipe, address and key from the environment', async () => {
  const { url, had } = await serveForTest(house);
  const env = { SLIPWAY_URL: url, SLIPWAY_API_KEY: 'k1\n' };
  expect(await start(['summarize', '--length', 'short'], env, 'Long.').ended).toEqual({
    code: 0,
    stdout: 'Short.\n',
    stderr: expect.stringContaining('Reading part 2 of 4.'),
  });
  expect(had.map(({ headers }) => headers.authorization)).toEqual(had.map(() => 'Bearer k1'));
});

test('a real file and --json, all of a large result through a pipe', async () => {
  const large: Job<'summarize'> = { ...succeeded, output: { summary: 'Größe '.repeat(100_000) } };
  const { url } = await serveForTest({ ...house, [`GET ${jobPath}/events`]: events(...lifeOf(large)) });
  const { code, stdout } = await start(['summarize', main, '--json', '--url', url], {}).ended;
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual(large);
});

test('exit codes of real runs', async () => {
  const problem = problemOf(404, 'job_not_found', 'There is no such job.');
  const service = await serveForTest({ ...house, [`GET ${jobPath}`]: json(problem, 404) });
  const { url } = service;
  expect(await start(['show', taken.id, '--url', url], {}).ended).toMatchObject({ code: 2, stdout: '' });
  expect(await start(['nonsense'], {}).ended).toMatchObject({ code: 2, stdout: '' });
  service.close();
  const gone = await start(['tasks', '--patience', '0', '--url', url], {}).ended;
  expect(gone).toMatchObject({ code: 3, stdout: '' });
  expect(gone.stderr).toBe(
    `The service gave no answer.\n  at ${url}\nIs it running? Give its address with --url or SLIPWAY_URL.\n`,
  );
});

test('a real Ctrl-C cancels the job; a second one leaves at once', async () => {
  const canceled: Job = { ...taken, state: 'canceled', error: { code: 'canceled', message: 'It was canceled.' } };
  let tell = () => {};
  const answers = {
    ...house,
    [`GET ${jobPath}/events`]: ((res) => {
      events({ type: 'state', state: 'running', attempt: 1 })(res);
      tell = () => res.end(`id: end\nevent: done\ndata: ${JSON.stringify({ type: 'done', job: canceled })}\n\n`);
    }) satisfies Answer,
    [`POST ${jobPath}/cancel`]: ((res) => {
      json({ ...taken, state: 'running' })(res);
      tell();
    }) satisfies Answer,
  };
  const { url, had } = await serveForTest(answers);
  const args = ['summarize', '--text', 'Long.', '--url', url];
  const first = start(args, {});
  first.child.stderr.on('data', () => first.said.stderr.endsWith('It runs.\n') && first.child.kill('SIGINT'));
  expect(await first.ended).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('It was canceled.') });
  expect(had.map(({ what }) => what)).toContain(`POST ${jobPath}/cancel`);

  answers[`POST ${jobPath}/cancel`] = () => {};
  const second = start(args, {});
  second.child.stderr.on('data', () => {
    if (/(It runs|leaves at once)\.\n$/.test(second.said.stderr)) second.child.kill('SIGINT');
  });
  expect(await second.ended).toMatchObject({ code: 130, stdout: '' });
});

test('who has had enough closes the pipe, and that is no error', async () => {
  const jobs = Array.from({ length: 2000 }, () => ({ ...succeeded, output: undefined, excerpt: 'x'.repeat(60) }));
  const { url } = await serveForTest({ 'GET /api/v1/jobs': json({ jobs, nextCursor: null }) });
  const { child, ended } = start(['jobs', '--url', url], {});
  child.stdout.destroy();
  expect(await ended).toMatchObject({ code: 0, stderr: '' });
});
