import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Fork, fork } from './fork.ts';
import { root, startStack } from './stack.ts';

let copy: Fork;
beforeAll(async () => {
  copy = await fork();
});
afterAll(() => copy?.remove());

/** The code of docs/forking.md, by the file that it names before it. */
async function documented(file: string): Promise<string> {
  const guide = await readFile(path.join(root, 'docs/forking.md'), 'utf8');
  const found = new RegExp(`\`${file}\`[^\`]*\`\`\`ts\\n([\\s\\S]*?)\`\`\``).exec(guide)?.[1];
  expect(found).toBeDefined();
  return (found ?? '').replace(/^ {3}/gm, '');
}

test('the fifth task of docs/forking.md: a definition, a handler, a line each, and it runs', async () => {
  const definition = 'packages/contract/src/tasks/count-words.ts';
  await writeFile(copy.inFork(definition), await documented(definition));
  const catalogue = 'packages/contract/src/tasks.ts';
  await copy.edit(catalogue, '  chat,\n}', "  chat,\n  'count-words': countWords,\n}");
  await copy.edit(
    catalogue,
    'import { summarize }',
    "import { countWords } from './tasks/count-words.ts';\nimport { summarize }",
  );
  expect(await copy.typeFaults()).toEqual([
    expect.stringMatching(/^apps\/worker\/src\/handlers\/index\.ts.*count-words/),
  ]);

  const handler = 'apps/worker/src/handlers/count-words.ts';
  await writeFile(copy.inFork(handler), await documented(handler));
  const handlers = 'apps/worker/src/handlers/index.ts';
  await copy.edit(handlers, '  chat,\n}', "  chat,\n  'count-words': countWords,\n}");
  await copy.edit(
    handlers,
    'import type { Handler }',
    "import { countWords } from './count-words.ts';\nimport type { Handler }",
  );
  expect(await copy.typeFaults()).toEqual([]);

  await copy.bundle();
  const stack = await startStack({ checkout: copy.dir, env: { ENGINE: 'extractive' } });
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
