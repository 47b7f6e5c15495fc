import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';

const script = (file: string, ...args: string[]) =>
  spawnSync(process.execPath, [path.join(import.meta.dirname, file), ...args], { encoding: 'utf8' });

test.each([
  ['seed.ts', ['--foo'], '--foo'],
  ['seed.ts', ['--url', 'foo'], '--url must be an http(s) address; foo is not.'],
  ['seed.ts', ['--jobs', 'x'], '--jobs must be'],
  ['test.ts', ['--nope'], '--nope'],
  ['test.ts', ['--only', 'nope'], 'there is no suite nope'],
  ['openapi.ts', ['--nope'], '--nope'],
] as const)('%s %j: code 2, what is wrong and the help, no stack', (file, args, fault) => {
  const { status, stdout, stderr } = script(file, ...args);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr.split('\n')[0]).toContain(fault);
  expect(stderr).toContain('Usage: npm');
  expect(stderr).not.toMatch(/^ {4}at /m);
});

test.each(['seed.ts', 'test.ts', 'openapi.ts'])('%s --help explains and does nothing else', (file) => {
  const { status, stdout, stderr } = script(file, '--help');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(/^Usage: npm/);
});
