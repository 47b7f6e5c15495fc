import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isComplete, writeManifest } from './manifest.ts';

const required = ['config.json', 'tokenizer.json'];
let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'slipway-manifest-'));
  for (const file of required) await writeFile(path.join(dir, file), '{}');
  await describe(required);
});
afterEach(() => rm(dir, { recursive: true }));

function describe(files: string[]): Promise<void> {
  const entries = files.map((file) => [file, { size: 2, sha256: '0'.repeat(64) }]);
  return writeManifest(dir, {
    id: 'made/test',
    revision: 'main',
    commit: null,
    dtype: 'fp32',
    files: Object.fromEntries(entries),
  });
}

test('a folder with every file of its manifest is complete', async () => {
  expect(await isComplete(dir, required)).toBe(true);
});

test.each([
  ['no manifest', () => rm(path.join(dir, 'manifest.json'))],
  ['a manifest that breaks off', () => appendFile(path.join(dir, 'manifest.json'), '{')],
  ['a manifest that leaves out a file', () => describe(['config.json'])],
  ['a file of another size', () => appendFile(path.join(dir, 'config.json'), ' ')],
  ['a file that is gone', () => rm(path.join(dir, 'tokenizer.json'))],
])('a folder with %s is not', async (_, damage) => {
  await damage();
  expect(await isComplete(dir, required)).toBe(false);
});
