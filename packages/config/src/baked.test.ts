import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readBakedModels, writeBakedModels } from './baked.ts';
import { loadConfig } from './load.ts';

const commit = 'a'.repeat(40);
const copier = { task: 'summarize', id: 'made/copier', revision: commit, dtype: 'q8' } as const;
let dir: string;

beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'slipway-baked-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

test('what is written is read, and a folder without a note has none', () => {
  expect(readBakedModels(dir)).toEqual([]);
  expect(readBakedModels(path.join(dir, 'none'))).toEqual([]);
  writeBakedModels(dir, [copier]);
  expect(readBakedModels(dir)).toEqual([copier]);
});

test('a model of the image is what its task runs where nothing else is said', () => {
  writeBakedModels(dir, [copier]);
  const modelsWith = (env: Record<string, string>) => loadConfig({ MODEL_IMAGE_DIR: dir, ...env }).models;
  expect(modelsWith({})).toEqual({ ...loadConfig({}).models, summarize: copier });
  expect(modelsWith({ MODEL_NAME: 'made/copier' }).summarize).toEqual(copier);
  expect(modelsWith({ SUMMARIZE_MODEL_DTYPE: 'fp32' }).summarize).toEqual({ ...copier, dtype: 'fp32' });
  expect(modelsWith({ SUMMARIZE_MODEL: 'made/other' }).summarize).toMatchObject({ revision: 'main', dtype: 'fp32' });
  expect(modelsWith({ SUMMARIZE_MODEL: '' }).summarize).toBeNull();
  const usual = loadConfig({}).models.summarize;
  expect(modelsWith({ SUMMARIZE_MODEL: usual?.id ?? '' }).summarize).toEqual(usual);
});

test('a damaged note is told with its variable', () => {
  writeFileSync(path.join(dir, 'baked.json'), '{"models":[{"task":"dance"}]}');
  expect(() => loadConfig({ MODEL_IMAGE_DIR: dir })).toThrow(/^bad configuration: MODEL_IMAGE_DIR must hold/);
});
