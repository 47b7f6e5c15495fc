import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { processesNaming, root, type Stack, startStack } from './stack.ts';
import { transcript } from './transcript.ts';

const run = promisify(execFile);
let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ env: { LOG_LEVEL: 'debug' } });
});
afterAll(() => stack.remove());

test('GET / and HEAD / answer 200 within 5 s of the start', async () => {
  // the only timed bound of the suite: it is a promise to the platform, which gives up on a slow start
  expect(stack.firstAnswerMs).toBeLessThan(5_000);
  const page = await fetch(stack.url);
  expect(page.status).toBe(200);
  expect(await page.text()).toContain('<title>');
  expect((await fetch(stack.url, { method: 'HEAD' })).status).toBe(200);
});

test('the word of welcome says where, how, which engine and why', () => {
  const output = stack.output();
  expect(output).toContain(`http://localhost:${stack.port}`);
  expect(output).toContain('curl -s');
  expect(output).toMatch(/Engine +extractive: ENGINE=auto; the model is not ready: .+/);
  expect(output).toMatch(/Data +\S+\/data/);
});

test('a 9,000-word meeting becomes a summary', async () => {
  const text = transcript();
  const submitted = await stack.client.submit('summarize', { text });
  expect(submitted.state).toMatch(/queued|running/);
  const seen = new Set<string>();
  const job = await stack.client.wait<'summarize'>(submitted.id, { onUpdate: ({ state }) => void seen.add(state) });
  expect(job).toMatchObject({ state: 'succeeded', engine: 'extractive', model: null, attempts: 1 });
  expect(job.engineReason).toMatch(/^ENGINE=auto; the model is not ready/);
  const words = job.output?.summary.split(/\s+/) ?? [];
  expect(words.length).toBeGreaterThan(40);
  expect(words.length).toBeLessThan(200);
  expect(job.metrics.inputTokens).toBeGreaterThan(5_000);
});

test('a job that insists on the model fails with what to do', async () => {
  const { id } = await stack.client.submit('summarize', { text: 'Some text.' }, { engine: 'transformers' });
  const job = await stack.client.wait(id);
  expect(job).toMatchObject({ state: 'failed', error: { code: 'model_unavailable' } });
  expect(job.error?.message).toMatch(/LOCAL_MODEL_PATH|HF_ENDPOINT/);
});

test("nginx's own errors are problems too", async () => {
  const large = await fetch(`${stack.url}/api/v1/jobs`, { method: 'POST', body: 'x'.repeat(17 * 1024 ** 2) });
  expect(large.status).toBe(413);
  expect(large.headers.get('Content-Type')).toBe('application/problem+json');
  expect(await large.json()).toMatchObject({ status: 413, code: 'body_too_large' });
  const posted = await fetch(stack.url, { method: 'POST', body: 'x' });
  expect(posted.status).toBe(405);
  expect(await posted.json()).toMatchObject({ status: 405, code: 'method_not_allowed' });
  const hidden = await fetch(`${stack.url}/__problem/500`);
  expect(hidden.status).toBe(404);
});

test('npm run seed fills it with jobs', async () => {
  const { stdout } = await run(process.execPath, ['scripts/seed.ts', '--jobs', '11', '--url', stack.url], {
    cwd: root,
  });
  expect(stdout).toMatch(/submitted 11 jobs/);
  expect(stdout).toMatch(/10 succeeded/); // every tenth insists on a model, and there is none
  expect(stdout).toMatch(/1 failed/);
});

test('no input text stands in the log', async () => {
  const secret = 'Zanzibar-7731';
  const { id } = await stack.client.submit('summarize', { text: `The word is ${secret}. It must stay here.` });
  await stack.client.wait(id);
  await fetch(`${stack.url}/api/v1/jobs`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: `{"task":"summarize","input":{"text":"${secret}","${secret}":1}`,
  });
  expect(stack.output()).not.toContain(secret);
});

test('Ctrl-C stops everything with code 0, Redis last', async () => {
  const { id } = await stack.client.submit('summarize', { text: 'A first sentence. And a second one.' });
  await stack.client.wait(id);
  expect(await stack.stop()).toBe(0);
  expect(await processesNaming(stack.runDir)).toEqual([]);
  const order = ['nginx', 'gateway', 'courier', 'worker', 'redis'].map((name) =>
    stack.output().lastIndexOf(`"process":"${name}","msg":"stopped"`),
  );
  expect(Math.min(...order)).toBeGreaterThan(0);
  expect(order.at(-1)).toBe(Math.max(...order)); // Redis last
});
