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

test('what .gitattributes says of a text or a binary file does not count', () => {
  const files = { 'lock.yaml': 'a: 1\n', 'x.bin': 'text\n', 'y.txt': Buffer.from([65, 0, 66]), 'z.txt': '' };
  writeFileSync(path.join(folder, '.gitattributes'), '*.yaml -diff\n*.bin binary\n*.txt diff text\n');
  expect(refusedFiles(folder, tree(files))).toEqual(['y.txt: binary']);
});

test('a NUL counts among the first 8,000 bytes of a file alone, as git has it', () => {
  const a = (bytes: number) => 'a'.repeat(bytes);
  const files = { '1': `${a(7999)}\0${a(9)}`, '2': `${a(8000)}\0`, '3': a(9), '4': '\0' };
  expect(refusedFiles(folder, tree(files))).toEqual(['1: binary', '4: binary']);
});

test('a file over 10 MB is named, text or not', () => {
  expect(refusedFiles(folder, tree({ 'long.txt': 'x\n'.repeat(5 * 1024 ** 2) }))).toEqual([]);
  expect(refusedFiles(folder, tree({ 'long.txt': `${'x\n'.repeat(5 * 1024 ** 2)}x` }))).toEqual([
    'long.txt: 11 MB, more than 10',
  ]);
});
