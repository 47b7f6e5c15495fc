import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { jobSchema } from '@slipway/contract/jobs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root, type Stack, startStack } from './stack.ts';

const run = promisify(execFile);
let stack: Stack;
let dir: string;
beforeAll(async () => {
  stack = await startStack();
  dir = await mkdtemp(path.join(tmpdir(), 'slipway-readme-'));
  await copyFile(path.join(root, 'README.md'), path.join(dir, 'README.md'));
});
afterAll(async () => {
  await stack.remove();
  await rm(dir, { recursive: true, force: true });
});

test('the curl session works as it is printed', async () => {
  const readme = await readFile(path.join(root, 'README.md'), 'utf8');
  const [, session = ''] = /## A session with curl\n\n```sh\n([\s\S]*?)```/.exec(readme) ?? [];
  const ours = session.replace('http://localhost:7860', stack.url);
  expect(ours).not.toBe(session);
  const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', ours], { cwd: dir });
  const [taken = '', rest = ''] = stdout.split('retry: 1000\n\n');
  expect(jobSchema.parse(JSON.parse(taken)).state).toMatch(/queued|running/);
  const [events = '', job = ''] = rest.split(/(?<=id: end\n\n)/);
  expect(events).toMatch(/event: state\ndata: [\s\S]*event: done\ndata: /);
  expect(jobSchema.parse(JSON.parse(job)).output).toMatchObject({ summary: expect.stringMatching(/\w+/) });
});
