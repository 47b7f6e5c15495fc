import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Script } from 'node:vm';
import { format, withLine, writeNew } from './write-new.ts';

const catalogue = 'packages/contract/src/tasks.ts';
const handlers = 'apps/worker/src/handlers/index.ts';

/**
 * Writes a task that works without a model, in the catalogue and in the map of handlers, and a test. Gives what to say.
 * Throws, and leaves everything as it was, where something goes wrong.
 */
export function newTask(root: string, name: string): string {
  const variable = variableFor(root, name);
  const definition = `packages/contract/src/tasks/${name}.ts`;
  const handler = `apps/worker/src/handlers/${name}.ts`;
  const test = `apps/worker/src/handlers/${name}.test.ts`;
  const entry = name === variable ? `  ${name},` : `  '${name}': ${variable},`;
  // read before anything is written, so that a map that has changed leaves nothing half done
  const maps: Record<string, string> = {
    [catalogue]: `import { ${variable} } from './tasks/${name}.ts';\n${withLine(root, catalogue, 'export const tasks = {', entry)}`,
    [handlers]: `import { ${variable} } from './${name}.ts';\n${withLine(root, handlers, 'export const handlers:', entry)}`,
  };
  const before = Object.keys(maps).map((file): [string, string] => [file, readFileSync(path.join(root, file), 'utf8')]);
  writeNew(root, {
    [definition]: definitionText(name, variable),
    [handler]: handlerText(name, variable),
    [test]: testText(name, variable),
  });
  try {
    writeAll(root, Object.entries(maps));
    format(root, [definition, handler, test, ...Object.keys(maps)]);
    const document = spawnSync(process.execPath, ['scripts/openapi.ts'], { cwd: root, encoding: 'utf8' });
    if (document.status !== 0) throw new Error(`docs/openapi.json could not be renewed:\n${document.stderr}`);
  } catch (error) {
    writeAll(root, before);
    for (const file of [definition, handler, test]) rmSync(path.join(root, file));
    throw error;
  }
  return `The task ${name} is there: its definition in ${definition},
its handler in ${handler}. Now it counts words; make it yours.
Its test: npx vitest run --project unit ${test}. A task with a model: docs/forking.md.`;
}

function writeAll(root: string, files: [string, string][]): void {
  for (const [file, text] of files) writeFileSync(path.join(root, file), text);
}

/** `count-words` is `countWords` in the code. Throws where that is a word of the language or of the files. */
function variableFor(root: string, name: string): string {
  const variable = name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  const taken = [catalogue, handlers].some((file) =>
    new RegExp(`\\b${variable}\\b`).test(readFileSync(path.join(root, file), 'utf8')),
  );
  if (taken || imported().includes(variable) || !isVariable(variable))
    throw new Error(`${name} is taken, or a word of the language. Choose another name.`);
  return variable;
}

/** What the new files import from elsewhere, which a task of the same name would hide. */
function imported(): string[] {
  const texts = [definitionText, handlerText, testText].map((text) => text('', '')).join('');
  return [...texts.matchAll(/^import .*\{ (.+) \}/gm)].flatMap(([, names = '']) => names.split(', '));
}

function isVariable(word: string): boolean {
  try {
    new Script(`'use strict'; let ${word};`);
    return word !== 'await';
  } catch {
    return false;
  }
}

const definitionText = (name: string, variable: string) => `import { z } from 'zod';
import { defineTask } from '../task.ts';
import { textSchema } from '../text.ts';

export const ${variable} = defineTask({
  name: '${name}',
  title: 'Count the words of a text',
  input: z.strictObject({ text: textSchema }).meta({ examples: [{ text: 'One two three.' }] }),
  options: z.strictObject({}),
  output: z.object({ words: z.int() }),
  engines: ['builtin'],
  attempts: 3,
  timeoutMs: 60_000,
});
`;

const handlerText = (name: string, variable: string) => `import type { Handler } from './handler.ts';

/** Runs in an inference process and may take its time; the context has a signal and a report for what takes long. */
export const ${variable}: Handler<'${name}'> = async ({ input }) => {
  const words = input.text.split(/\\s+/).filter(Boolean).length;
  return { output: { words }, model: null, inputTokens: words, outputTokens: null };
};
`;

const testText = (name: string, variable: string) => `import { expect, test } from 'vitest';
import { ${variable} } from './${name}.ts';

test('${name} counts words', async () => {
  const done = await ${variable}({ input: { text: ' One two\\nthree. ' }, options: {} }, {} as never);
  expect(done.output).toEqual({ words: 3 });
});
`;
