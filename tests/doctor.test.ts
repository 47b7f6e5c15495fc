import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { freePort, root, startStack } from './stack.ts';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

/** The bundle, as the image has it. */
async function doctor(env: Record<string, string>, ...args: string[]) {
  const home = await mkdtemp(path.join(tmpdir(), 'slipway-doctor-'));
  cleanUp.push(() => rm(home, { recursive: true, force: true }));
  const child = spawn(process.execPath, ['apps/launcher/dist/doctor.js', ...args], {
    cwd: root,
    env: { PATH: process.env.PATH, HOME: home, HF_HUB_OFFLINE: '1', ...env },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const [code] = await once(child, 'close');
  return { code: code as number, output };
}

interface Line {
  name: string;
  state: string;
  detail: string;
}
const lineOf = (output: string, name: string) =>
  (JSON.parse(output).checks as Line[]).find((check) => check.name === name);

test('of a running instance it tells parts, models, Redis and data, and shows no secret', async () => {
  const token = 'hf_doesnotexistandisnotshown';
  const stack = await startStack({ env: { DATA_KIND: 'disk', HF_TOKEN: token } });
  cleanUp.push(stack.remove);
  const env = { PORT: String(stack.port), HF_TOKEN: token };
  const { code, output } = await doctor(env, '--json');
  expect({ code, output }).toMatchObject({ code: 0 });
  expect(JSON.parse(output)).toMatchObject({ ok: true, running: true });
  expect(lineOf(output, 'configuration')?.detail).toBe('of this shell: set: PORT, HF_TOKEN, HF_HUB_OFFLINE');
  for (const name of ['port', 'ready', 'queue', 'workers', 'redis', 'redis memory', 'redis persistence', 'data'])
    expect(lineOf(output, name)).toMatchObject({ state: 'ok' });
  expect(lineOf(output, 'data')?.detail).toMatch(/^disk: /);
  expect(lineOf(output, 'summarize')).toMatchObject({ state: 'warn' }); // no hub can be reached here
  expect(output).not.toContain(token);

  const text = await doctor(env);
  expect(text.output).toMatch(/^ok {4}port +\d+ answers$/m);
  expect(text.output).toContain('An instance runs.');

  process.kill(await stack.pid('gateway'), 'SIGSTOP');
  const hung = await doctor(env, '--json');
  expect(hung.code).toBe(1);
  process.kill(await stack.pid('gateway'), 'SIGCONT');
});

test('with nothing running it tells what a start would find, and a bad variable ends it with code 1', async () => {
  const none = await doctor({ PORT: String(await freePort()) });
  expect(none).toMatchObject({ code: 0, output: expect.stringContaining('No instance runs.') });
  const archive = {
    HF_DATASET_REPO: 'ann/jobs',
    HF_HUB_OFFLINE: '',
    HF_ENDPOINT: `http://127.0.0.1:${await freePort()}`,
  };
  const lost = { PORT: String(await freePort()), DATA_DIR: '/dev/null/data', ...archive };
  expect(lineOf((await doctor(lost, '--json')).output, 'data')).toMatchObject({ state: 'warn' });
  const kept = await doctor({ ...lost, HF_TOKEN: 'hf_x' }, '--json');
  expect(lineOf(kept.output, 'data')).toMatchObject({ state: 'ok', detail: expect.stringContaining('the archive') });
  const bad = await doctor({ ENGINE: 'magic' }, '--json');
  expect(bad.code).toBe(1);
  expect(lineOf(bad.output, 'configuration')).toMatchObject({
    state: 'fail',
    detail: expect.stringContaining('ENGINE'),
  });
  expect(await doctor({}, '--nope')).toMatchObject({ code: 2 });
});
