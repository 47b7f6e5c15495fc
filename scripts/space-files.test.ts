import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { refusedFiles } from './space-files.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'slipway-files-'));
  git('init', '--quiet');
});
afterEach(() => rmSync(folder, { recursive: true }));

const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, encoding: 'utf8' }).trim();

/** Puts the files into a tree as they are, past any filter. */
function tree(files: Record<string, string | Buffer>): string {
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(path.join(folder, name), content);
    const object = git('hash-object', '-w', '--no-filters', name);
    git('update-index', '--add', '--cacheinfo', `100644,${object},${name}`);
  }
  return git('write-tree');
}

test('text passes, and what is in LFS passes: git holds a text in its place', () => {
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 99999999\n`;
  const attributes = '*.onnx filter=lfs diff=lfs merge=lfs -text\n';
  expect(refusedFiles(folder, tree({ '.gitattributes': attributes, 'a ü.md': 'Ä\n', 'm.onnx': pointer }))).toEqual([]);
});

test('a binary file is named, whatever its name promises', () => {
  const files = { 'a b.png': Buffer.from([0x89, 0x50, 0, 1]), 'm.onnx': Buffer.alloc(9), 'x.txt': 'x' };
  expect(refusedFiles(folder, tree(files))).toEqual(['a b.png: binary', 'm.onnx: binary']);
});

test('a file over 10 MB is named, text or not', () => {
  expect(refusedFiles(folder, tree({ 'long.txt': 'x\n'.repeat(5 * 1024 ** 2) }))).toEqual([]);
  expect(refusedFiles(folder, tree({ 'long.txt': `${'x\n'.repeat(5 * 1024 ** 2)}x` }))).toEqual([
    'long.txt: 11 MB, more than 10',
  ]);
});
