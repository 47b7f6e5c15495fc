import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { newTask } from './new-task.ts';

const maps = ['packages/contract/src/tasks.ts', 'apps/worker/src/handlers/index.ts'];

/** The two maps of this checkout, in a folder where nothing else is: no Biome, no script that renews the document. */
function bareRoot(): string {
  const root = mkdtempSync(path.join(tmpdir(), 'slipway-task-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const file of maps) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), readFileSync(file));
  }
  return root;
}
const isAsBefore = (root: string, name: string) => {
  for (const file of maps) expect(readFileSync(path.join(root, file), 'utf8')).toBe(readFileSync(file, 'utf8'));
  for (const file of [`packages/contract/src/tasks/${name}.ts`, `apps/worker/src/handlers/${name}.ts`])
    expect(existsSync(path.join(root, file))).toBe(false);
};

test.each(['test', 'expect', 'define-task', 'text-schema', 'z', 'class'])('no task can be called %s', (name) => {
  const root = bareRoot();
  expect(() => newTask(root, name)).toThrow(`${name} is taken, or a word of the language`);
  isAsBefore(root, name);
});

test('where something goes wrong everything is as it was', () => {
  const root = bareRoot();
  expect(() => newTask(root, 'count-words')).toThrow('Biome');
  isAsBefore(root, 'count-words');
});
