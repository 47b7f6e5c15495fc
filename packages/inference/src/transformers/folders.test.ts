import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { answer, loadFrom, nowhere } from './folders.ts';

let dir: string;
let model: string;

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'slipway-folders-'));
  model = path.join(dir, 'model');
  await mkdir(path.join(model, 'onnx'), { recursive: true });
  await writeFile(path.join(model, 'config.json'), '{"a":1}');
  await writeFile(path.join(model, 'onnx', 'model_q4.onnx'), 'weights');
  await writeFile(path.join(dir, 'secret.json'), '{}');
});
afterAll(() => rm(dir, { recursive: true }));

const key = (name: string, file: string) => `${nowhere}${name}/${file}`;

test('answers JSON with its content and weights with their path', async () => {
  await loadFrom(model, async (name) => {
    const config = await answer(key(name, 'config.json'));
    expect(await (config as Response).json()).toEqual({ a: 1 });
    expect(await answer(key(name, 'onnx/model_q4.onnx'))).toBe(path.join(model, 'onnx', 'model_q4.onnx'));
  });
});

test.each(['missing.json', 'onnx', '../secret.json', 'onnx/../../secret.json'])(
  'has no answer for %s',
  async (file) => {
    await loadFrom(model, async (name) => {
      expect(await answer(key(name, file))).toBeUndefined();
    });
  },
);

test('has no answer for another name, or after the load', async () => {
  const name = await loadFrom(model, async (given) => given);
  expect(await answer(key(name, 'config.json'))).toBeUndefined();
  expect(await answer(path.join(model, 'config.json'))).toBeUndefined();
});

test('gives each load its own name', async () => {
  const first = await loadFrom(model, async (name) => name);
  const second = await loadFrom(model, async (name) => name);
  expect(first).not.toBe(second);
});

test('an error names the folder, not the made-up name', async () => {
  const failing = loadFrom(model, async (name) => {
    throw new Error(`not found at "${key(name, 'tokenizer.json')}"`);
  });
  await expect(failing).rejects.toThrow(`not found at "${model}/tokenizer.json"`);
});
