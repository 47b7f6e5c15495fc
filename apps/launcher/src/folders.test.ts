import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { DataKind } from '@slipway/contract/data-folder';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeFolder, prepareDataDir, requireSameKind } from './folders.ts';
import { checkModelFolders, downloadsIn } from './model-folders.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'slipway-folders-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test('a folder is made with those above it, and once more is no fault', () => {
  const deep = path.join(dir, 'a/b/c');
  makeFolder(deep, 0o700);
  makeFolder(deep);
  expect(statSync(deep).mode & 0o777).toBe(0o700);
});

test('below a file there is no folder', () => {
  writeFileSync(path.join(dir, 'file'), '');
  expect(() => makeFolder(path.join(dir, 'file/below'))).toThrow('ENOTDIR');
});

// Linux has such a file system everywhere; broken, this test does not end
const inProc = existsSync('/proc/self') ? test : test.skip;

inProc('points 33, 36: where no folder can be made the data goes elsewhere, at once, and the reason is told', () => {
  const wanted = '/proc/slipway/data';
  const data = prepareDataDir(wanted, { runDir: dir, dataKind: 'disk', onSpace: false });
  const reason = 'cannot be written (ENOENT)';
  expect(data).toEqual({ kind: 'ephemeral', dir: path.join(dir, 'data'), wanted, reason });
  expect(existsSync(data.dir)).toBe(true);
});

inProc('HF_HOME where no folder can be made is refused', () => {
  expect(() => checkModelFolders({ localModelPath: undefined, modelCacheDir: '/proc/slipway/cache' })).toThrow(
    /^bad configuration: HF_HOME must be .+\/proc\/slipway\/cache/,
  );
});

test('what the operator says of a folder that can be written goes before what we would guess', () => {
  const wanted = path.join(dir, 'data');
  const found = prepareDataDir(wanted, { runDir: dir, dataKind: 'bucket', onSpace: false });
  expect(found).toEqual({ kind: 'bucket', dir: wanted, wanted, reason: 'is a bucket, as DATA_KIND says' });
});

test('a folder with the data of the other kind alone is refused, with what to do', async () => {
  const [onDisk, inBucket] = [path.join(dir, 'redis'), path.join(dir, 'redis-snapshots')];
  const start = (kind: DataKind) => requireSameKind({ kind, dir });
  await start('disk');
  await start('bucket');
  makeFolder(path.join(onDisk, 'appendonlydir'));
  await start('disk');
  await start('ephemeral');
  await expect(start('bucket')).rejects.toThrow(
    `the jobs in ${onDisk} would not be read. Set DATA_KIND=disk again, or bring them to ${inBucket}`,
  );
  makeFolder(inBucket);
  writeFileSync(path.join(inBucket, 'redis-20300131120001000.rdb'), '');
  for (const kind of ['disk', 'bucket', 'ephemeral'] as const) await start(kind);
  rmSync(onDisk, { recursive: true });
  await start('bucket');
  for (const kind of ['disk', 'ephemeral'] as const)
    await expect(start(kind)).rejects.toThrow(
      `the jobs in ${inBucket} would not be read. Set DATA_KIND=bucket again, or bring them to ${onDisk}`,
    );
});

test('LOCAL_MODEL_PATH must be a folder', () => {
  const modelCacheDir = path.join(dir, 'cache');
  const wrong = path.join(dir, 'nothing');
  expect(() => checkModelFolders({ localModelPath: wrong, modelCacheDir })).toThrow(`${wrong} is not`);
  writeFileSync(wrong, '', { mode: 0o700 });
  expect(() => checkModelFolders({ localModelPath: wrong, modelCacheDir })).toThrow('LOCAL_MODEL_PATH');
  expect(() => checkModelFolders({ localModelPath: dir, modelCacheDir })).not.toThrow();
});

test.each([
  ['disk', { hfHomeIsSet: false, dataDir: '/data' }, '/data/huggingface'],
  ['bucket', { hfHomeIsSet: false, dataDir: '/data' }, '/data/huggingface'],
  ['ephemeral', { hfHomeIsSet: false, dataDir: '/data' }, undefined],
  ['disk', { hfHomeIsSet: true, dataDir: '/data' }, undefined],
  ['disk', { hfHomeIsSet: false, dataDir: undefined }, undefined], // a checkout: the home folder is kept as well
] as const)('point 15: downloads on a %s with %j go to %s', (kind, config, expected) => {
  expect(downloadsIn(config, { kind, dir: '/data', wanted: '/data', reason: '' })).toBe(expected);
});
