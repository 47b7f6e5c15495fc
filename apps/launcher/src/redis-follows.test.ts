import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bucketIdOf, giveBucketId } from './redis-follows.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'slipway-follows-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const file = () => path.join(folder, 'bucket-id');

test('an id that is there after all stays', () => {
  writeFileSync(file(), 'theirs\n');
  expect(giveBucketId(folder, 'ours')).toBe('theirs');
  expect(readFileSync(file(), 'utf8')).toBe('theirs\n');
});

test('an id that is there and still cannot be read is not written over', () => {
  const away = path.join(folder, 'away');
  symlinkSync(away, file()); // there for who would make it, not for who reads
  expect(giveBucketId(folder, 'ours')).toBe('ours');
  expect(existsSync(away)).toBe(false);
});

test('an empty one, as a full bucket leaves it, is written anew', () => {
  writeFileSync(file(), '');
  expect(giveBucketId(folder, 'ours')).toBe('ours');
  expect(bucketIdOf(folder)).toBe('ours');
});
