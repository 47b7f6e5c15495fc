import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeModels } from './make.ts';
import { Graph } from './onnx.ts';
import { intField } from './protobuf.ts';
import { byteTokenizer } from './tokenizers.ts';

const tokenizer = ['tokenizer.json', 'tokenizer_config.json'];
const layouts = {
  'made/copier': [
    'config.json',
    'generation_config.json',
    'onnx/decoder_model_merged.onnx',
    'onnx/encoder_model.onnx',
    ...tokenizer,
  ],
  'made/lexicon': ['config.json', 'onnx/model.onnx', ...tokenizer],
  'made/colours': ['config.json', 'onnx/model.onnx', 'preprocessor_config.json'],
  'made/echo': ['config.json', 'generation_config.json', 'onnx/model.onnx', ...tokenizer],
};
let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'slipway-models-'));
});
afterAll(() => rm(dir, { recursive: true }));

async function contents(folder: string): Promise<Map<string, Buffer>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  return new Map(
    await Promise.all(
      files.sort().map(async (file) => [path.relative(folder, file), await readFile(file)] as [string, Buffer]),
    ),
  );
}

test('makes each model with the files that transformers.js loads, in a few KB', async () => {
  expect(await makeModels(path.join(dir, 'layout'))).toEqual(Object.keys(layouts));
  let size = 0;
  for (const [id, layout] of Object.entries(layouts)) {
    const files = await contents(path.join(dir, 'layout', id));
    expect([...files.keys()]).toEqual(layout);
    for (const file of files.values()) size += file.length;
  }
  expect(size).toBeLessThan(40_000);
});

test('makes the same bytes every time', async () => {
  await makeModels(path.join(dir, 'first'));
  await makeModels(path.join(dir, 'second'));
  expect(await contents(path.join(dir, 'first'))).toEqual(await contents(path.join(dir, 'second')));
});

test('slow changes the graphs and nothing else', async () => {
  await makeModels(path.join(dir, 'quick'));
  await makeModels(path.join(dir, 'slow'), { slow: 8 });
  const quick = await contents(path.join(dir, 'quick'));
  const slow = await contents(path.join(dir, 'slow'));
  const changed = [...quick.keys()].filter((file) => !slow.get(file)?.equals(quick.get(file) as Buffer));
  expect(changed).toEqual([...quick.keys()].filter((file) => file.endsWith('.onnx')));
  expect(changed).toHaveLength(5);
});

test('every byte has a token of its own, after the special ones', () => {
  const { ids } = byteTokenizer(['<pad>', '</s>'], '</s>');
  expect(Object.keys(ids)).toHaveLength(258);
  expect([ids['<pad>'], ids['</s>'], ids.A, ids.Ġ]).toEqual([0, 1, 2 + 0x41, 2 + 0x20]);
});

test('writes protobuf integers as the encoding guide shows them', () => {
  expect([...intField(1, 150)]).toEqual([0x08, 0x96, 0x01]);
  expect([...intField(1, -1)]).toEqual([0x08, ...Array(9).fill(0xff), 0x01]);
});

test('refuses a constant whose numbers do not fill its shape', () => {
  expect(() => new Graph('g').constant('float', [2, 2], [1, 2, 3])).toThrow('3 numbers do not fill the shape [2, 2]');
});
