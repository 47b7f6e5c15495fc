import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root, startStack } from './stack.ts';

const run = promisify(execFile);
let copy: string;
beforeAll(async () => {
  copy = await mkdtemp(path.join(tmpdir(), 'slipway-fork-'));
  // links between the workspaces are relative: copied as they are, they lead to the copy
  for (const entry of [
    'apps',
    'packages',
    'models',
    'scripts',
    'bench',
    'tests',
    'node_modules/@slipway',
    'ecosystem.config.cjs',
    'nginx.conf',
    'package.json',
    'tsconfig.base.json',
    'tsconfig.json',
    'vitest.config.ts',
  ])
    await cp(path.join(root, entry), path.join(copy, entry), { recursive: true, verbatimSymlinks: true });
  // all but our own rooms, which must be those of the copy
  const installed = await readdir(path.join(root, 'node_modules'));
  for (const entry of installed.filter((name) => name !== '@slipway'))
    await symlink(path.join(root, 'node_modules', entry), path.join(copy, 'node_modules', entry));
});
afterAll(() => rm(copy, { recursive: true, force: true }));

const inCopy = (file: string) => path.join(copy, file);
const node = (cwd: string, ...args: string[]) => run(process.execPath, args, { cwd: inCopy(cwd) });
/** The faults that `npm run check` finds in the types of all rooms, each with its room. */
async function typeFaults(): Promise<string[]> {
  const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
  const faults: string[] = [];
  for (const room of ['.', 'models', ...(await roomsIn('packages')), ...(await roomsIn('apps'))])
    await node(room, tsc).catch(({ stdout }: { stdout: string }) => {
      faults.push(...stdout.split('\n').flatMap((line) => (/error TS/.test(line) ? [`${room}: ${line}`] : [])));
    });
  return faults;
}

async function roomsIn(folder: string): Promise<string[]> {
  const names = await readdir(inCopy(folder));
  return names.map((name) => `${folder}/${name}`);
}

async function edit(file: string, find: string, replace: string): Promise<void> {
  const text = await readFile(inCopy(file), 'utf8');
  expect(text).toContain(find);
  await writeFile(inCopy(file), text.replace(find, replace));
}

/** The code of docs/forking.md, by the file that it names before it. */
async function documented(file: string): Promise<string> {
  const guide = await readFile(path.join(root, 'docs/forking.md'), 'utf8');
  const found = new RegExp(`\`${file}\`[^\`]*\`\`\`ts\\n([\\s\\S]*?)\`\`\``).exec(guide)?.[1];
  expect(found).toBeDefined();
  return (found ?? '').replace(/^ {3}/gm, '');
}

test('the fifth task of docs/forking.md: a definition, a handler, a line each, and it runs', async () => {
  const definition = 'packages/contract/src/tasks/count-words.ts';
  await writeFile(inCopy(definition), await documented(definition));
  const catalogue = 'packages/contract/src/tasks.ts';
  await edit(catalogue, '  chat,\n}', "  chat,\n  'count-words': countWords,\n}");
  await edit(
    catalogue,
    'import { summarize }',
    "import { countWords } from './tasks/count-words.ts';\nimport { summarize }",
  );
  expect(await typeFaults()).toEqual([expect.stringMatching(/^apps\/worker: src\/handlers\/index\.ts.*count-words/)]);

  const handler = 'apps/worker/src/handlers/count-words.ts';
  await writeFile(inCopy(handler), await documented(handler));
  const handlers = 'apps/worker/src/handlers/index.ts';
  await edit(handlers, '  chat,\n}', "  chat,\n  'count-words': countWords,\n}");
  await edit(
    handlers,
    'import type { Handler }',
    "import { countWords } from './count-words.ts';\nimport type { Handler }",
  );
  expect(await typeFaults()).toEqual([]);

  for (const [app, ...entries] of [
    ['gateway', 'main'],
    ['worker', 'main', 'child'],
    ['courier', 'main'],
    ['launcher', 'main', 'redis', 'nginx', 'service', 'lifeline'],
  ] as const)
    await node(`apps/${app}`, '../../scripts/bundle.ts', ...entries.map((entry) => `src/${entry}.ts`));
  const stack = await startStack({ checkout: copy, env: { ENGINE: 'extractive' } });
  try {
    const body = JSON.stringify({ task: 'count-words', input: { text: 'One two three.' } });
    const headers = { 'Content-Type': 'application/json' };
    const submitted = await fetch(`${stack.url}/api/v1/jobs`, { method: 'POST', headers, body });
    const { id } = (await submitted.json()) as { id: string };
    await expect
      .poll(async () => (await fetch(`${stack.url}/api/v1/jobs/${id}`)).json(), { timeout: 10_000 })
      .toMatchObject({ state: 'succeeded', engine: 'builtin', model: null, output: { words: 3 } });
  } finally {
    await stack.remove();
  }
}, 300_000); // the types of all rooms, twice
