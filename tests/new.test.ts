import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Fork, fork } from './fork.ts';
import { freePort, root, startStack } from './stack.ts';

let copy: Fork;
beforeAll(async () => {
  copy = await fork('services', 'biome.json', '.gitignore', '.env.example', 'docs');
});
afterAll(() => copy?.remove());

/** Runs a program of Node in the copy to its end. */
async function run(args: string[], env: NodeJS.ProcessEnv = process.env) {
  const child = spawn(process.execPath, args, { cwd: copy.dir, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { code: code as number, out, err };
}
const make = (...words: string[]) => run(['scripts/new.ts', ...words]);

test('pnpm new says how it is used, and refuses what can’t be', async () => {
  expect(JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')).scripts.new).toContain('scripts/new.ts');
  expect(await make('--help')).toMatchObject({ code: 0, out: expect.stringContaining('pnpm new service NAME') });
  for (const words of [
    [],
    ['room', 'x'],
    ['service'],
    ['service', '../x'],
    ['task', 'Words'],
    ['task', 'a', 'b'],
    ['--x'],
  ])
    expect([words, (await make(...words)).code]).toEqual([words, 2]);
  for (const words of [
    ['service', 'echo'],
    ['service', 'api'],
    ['task', 'chat'],
    ['task', 'class'],
    ['task', 'handlers'],
  ])
    expect([words, (await make(...words)).code]).toEqual([words, 1]);
});

test('a new service and a new task work as they are written, with their tests', async () => {
  expect(await make('service', 'greeter')).toMatchObject({ code: 0, err: '' });
  expect(await make('task', 'tally-words')).toMatchObject({ code: 0, err: '' });
  const written = ['services/greeter', 'apps/worker/src/handlers', 'packages/contract/src', 'docs/openapi.json'];
  const biome = path.join(root, 'node_modules/@biomejs/biome/bin/biome');
  expect(await run([biome, 'ci', '--error-on-warnings', '--vcs-enabled=false', ...written])).toMatchObject({ code: 0 });
  expect(await copy.typeFaults()).toEqual([]);
  const vitest = path.join(root, 'node_modules/vitest/vitest.mjs');
  const tests = [
    'services/greeter',
    'apps/worker/src/handlers/tally-words.test.ts',
    'packages/contract/src/catalogue.test.ts',
    'packages/contract/src/openapi/document.test.ts',
  ];
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, NO_COLOR: '1' };
  const tested = await run([vitest, 'run', '--project', 'unit', '--reporter=verbose', ...tests], env);
  expect(tested).toMatchObject({ code: 0, err: '' });
  for (const title of ['greeter answers with what it was asked', 'tally-words counts words', 'tally-words can be told'])
    expect(tested.out).toContain(title);

  await copy.bundle();
  const stack = await startStack({ checkout: copy.dir, env: { ENGINE: 'extractive' } });
  try {
    await expect
      .poll(async () => (await fetch(`${stack.url}/greeter/hello`)).text(), { timeout: 15_000 })
      .toBe('{"service":"greeter","path":"/hello","owner":null}');
    const body = JSON.stringify({ task: 'tally-words', input: { text: 'One two three.' } });
    const headers = { 'Content-Type': 'application/json', Prefer: 'wait=20' };
    const answer = await fetch(`${stack.url}/api/v1/jobs`, { method: 'POST', headers, body });
    expect(await answer.json()).toMatchObject({ state: 'succeeded', engine: 'builtin', output: { words: 3 } });
  } finally {
    await stack.remove();
  }
}, 300_000);

test('a bad service.json stops the start with one line', async () => {
  await mkdir(copy.inFork('services/bad'));
  await writeFile(
    copy.inFork('services/bad/service.json'),
    '{"name":"bad","command":["x"],"path":"/v1/x","access":"key"}',
  );
  const env = { PATH: process.env.PATH, PORT: String(await freePort()) };
  const { code, out, err } = await run(['apps/launcher/dist/main.js'], env);
  expect([code, out]).toEqual([2, '']);
  expect(err).toBe("slipway: bad service: services/bad/service.json: path is one of the house's own paths\n");
});
