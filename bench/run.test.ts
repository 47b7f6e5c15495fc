import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';

const run = (...args: string[]) =>
  spawnSync(process.execPath, [path.join(import.meta.dirname, 'run.ts'), ...args], { encoding: 'utf8' });

test('tells how to use it', () => {
  const { status, stdout } = run('--help');
  expect(status).toBe(0);
  expect(stdout).toMatch(/^Usage: npm run bench -- <name>/);
  expect(stdout).toContain('quality');
});

test.each([
  [[], 'Usage'],
  [['speling'], 'there is no speling'],
  [['quality', 'speling'], 'there is no speling'],
  [['quality', '--fast'], 'there is no --fast'],
])('%j ends with 2 and the usage', (args, message) => {
  const { status, stdout, stderr } = run(...args);
  expect(status).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toContain(message);
  expect(stderr).toContain('Usage');
});
