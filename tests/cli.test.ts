import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { jobSchema } from '@slipway/contract/jobs';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { lines, pdf } from '../packages/files/src/documents/test-pdf.ts';
import { root, type Stack, startStack } from './stack.ts';

/** `slipway` as a person runs it, with the running stack; apps/cli/src has the details. */

const key = 'a-key-for-the-command-line';
const sentence = 'Ships left the harbour long ago.';
let stack: Stack;
let home: string;
let document: string;
beforeAll(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'slipway-cli-'));
  document = path.join(home, 'harbour.pdf');
  await writeFile(document, pdf([lines([sentence])]));
  stack = await startStack({ env: { ENGINE: 'extractive', API_KEYS: `ann:${key}` } });
});
afterAll(async () => {
  await stack?.remove();
  await rm(home, { recursive: true, force: true });
});

/** `onNote`: called each time that something comes on standard error. */
async function slipway(args: string[], { apiKey = key, onNote = () => {} } = {}) {
  const child = spawn(process.execPath, [path.join(root, 'apps/cli/src/main.ts'), ...args], {
    env: { SLIPWAY_URL: stack.url, SLIPWAY_API_KEY: apiKey },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  child.stderr.on('data', onNote);
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code, stdout, stderr };
}

test('a PDF is summarized: the job as JSON', async () => {
  const { code, stdout } = await slipway(['summarize', document, '--length', 'short', '--json']);
  expect(code).toBe(0);
  expect(jobSchema.parse(JSON.parse(stdout))).toMatchObject({
    state: 'succeeded',
    engine: 'extractive',
    output: { summary: sentence },
  });
});

test('a PDF is summarized: the text alone to standard output, how it goes to standard error', async () => {
  const worker = await stack.pid('worker');
  process.kill(worker, 'SIGSTOP');
  const goOn = () => void process.kill(worker, 'SIGCONT');
  // the job begins when the program has told that it waits
  const { code, stdout, stderr } = await slipway(['summarize', document], { onNote: goOn }).finally(goOn);
  expect({ code, stdout }).toEqual({ code: 0, stdout: `${sentence}\n` });
  expect(stderr).toMatch(/^It is next\./);
  expect(stderr).toMatch(/^\[[█░]{20}\] +\d+ %/m);
});

test('what the service refuses is said in a sentence, with an exit code of its own', async () => {
  const refused = await slipway(['summarize', document], { apiKey: 'key-of-nobody-0123456' });
  expect(refused).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('Give a key of this service') });
});
