import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { boundCache } from './bound.ts';
import { writeManifest } from './manifest.ts';
import { cacheFolder } from './model.ts';
import { newOwner, type Owner, retire } from './owner.ts';
import { lastUsedMs, markUsed } from './usage.ts';

let cacheDir: string;

beforeEach(async () => {
  cacheDir = await mkdtemp(path.join(tmpdir(), 'slipway-bound-'));
});
afterEach(() => rm(cacheDir, { recursive: true }));

/** A downloaded model of 1,000 bytes and a manifest, last used at the second `used` of 1970. */
async function put(name: string, used: number, dtype: 'fp32' | 'q8' = 'fp32'): Promise<string> {
  const dir = cacheFolder(cacheDir, { id: `made/${name}`, revision: 'main', dtype });
  await mkdir(path.join(dir, 'onnx'), { recursive: true });
  await writeFile(path.join(dir, 'onnx/model.onnx'), Buffer.alloc(1000));
  await writeManifest(dir, { id: `made/${name}`, revision: 'main', dtype, commit: null, files: {} });
  await utimes(path.join(dir, 'manifest.json'), used, used);
  return dir;
}
const exists = (dir: string) =>
  stat(dir).then(
    () => true,
    () => false,
  );
const deadPid = () => spawnSync(process.execPath, ['-e', '0']).pid;
async function gone(change: Partial<Owner> = {}): Promise<Owner> {
  const me = await newOwner();
  retire(me);
  return { ...me, pid: deadPid(), ...change };
}

test('point 15: removes those first that were not used for longest, as few as needed', async () => {
  const [oldest, newest, middle] = [await put('a', 10), await put('b', 30), await put('c', 20)];
  const all = await boundCache(cacheDir, 1e9, []);
  expect(all).toMatchObject({ removed: [] });
  expect(all.bytes).toBeGreaterThan(3000);
  const one = all.bytes / 3;
  expect(await boundCache(cacheDir, 2.5 * one, [])).toEqual({ bytes: 2 * one, removed: [oldest] });
  expect(await boundCache(cacheDir, one, [])).toEqual({ bytes: one, removed: [middle] });
  expect(await exists(newest)).toBe(true);
  expect(await boundCache(cacheDir, 0, [])).toEqual({ bytes: 0, removed: [newest] });
  expect(await readdir(cacheDir)).toEqual([]);
});

test('an empty cache is no error, nor is none', async () => {
  expect(await boundCache(cacheDir, 0, [])).toEqual({ bytes: 0, removed: [] });
  expect(await boundCache(path.join(cacheDir, 'none'), 0, [])).toEqual({ bytes: 0, removed: [] });
});

test('number formats of one model are removed one by one', async () => {
  const [old, young] = [await put('a', 10, 'q8'), await put('a', 20)];
  expect(await boundCache(cacheDir, 1500, [])).toMatchObject({ removed: [old] });
  expect(await exists(young)).toBe(true);
});

test('keeps what is to be kept, and what is not ours', async () => {
  const kept = await put('a', 10);
  const other = path.join(cacheDir, 'hub/models--a--b/blobs/x');
  await mkdir(other, { recursive: true });
  await writeFile(path.join(other, 'file'), Buffer.alloc(5000));
  expect(await boundCache(cacheDir, 0, [kept])).toMatchObject({ removed: [] });
  expect(await exists(kept)).toBe(true);
  expect(await exists(path.join(other, 'file'))).toBe(true);
});

test('a model in use stays, and each use counts', async () => {
  const [used, unused] = [await put('a', 10), await put('b', 20)];
  const release = await markUsed(used);
  expect(await lastUsedMs(used)).toBeGreaterThan(20_000);
  expect(await boundCache(cacheDir, 0, [])).toMatchObject({ removed: [unused] });
  await release();
  expect(await readdir(used)).toEqual(['manifest.json', 'onnx']);
  expect(await boundCache(cacheDir, 0, [])).toMatchObject({ removed: [used] });
});

test('a model stays for as long as a process lives that uses it', async () => {
  const dir = await put('a', 10);
  const script = `
    const { markUsed } = await import(${JSON.stringify(new URL('./usage.ts', import.meta.url))});
    await markUsed(process.argv[1]);
    process.send('marked');
    setInterval(() => {}, 1e6);
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, dir], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  await once(child, 'message');
  expect(await boundCache(cacheDir, 0, [])).toMatchObject({ removed: [] });
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(await boundCache(cacheDir, 0, [])).toMatchObject({ removed: [dir] });
});

test('of a process that cannot be looked up the mark counts for a while', async () => {
  const dir = await put('a', 10);
  const mark = path.join(dir, '.used-by-00000000');
  await writeFile(mark, JSON.stringify(await gone({ place: 'elsewhere' })));
  expect(await boundCache(cacheDir, 0, [])).toMatchObject({ removed: [] });
  await utimes(mark, 1, 1);
  expect(await boundCache(cacheDir, 0, [])).toMatchObject({ removed: [dir] });
});

test('a download that was broken off is removed, and one that goes on is not', async () => {
  const parent = path.dirname(await put('a', 30));
  const part = path.join(parent, '.part-q8-00000000');
  await mkdir(part);
  await writeFile(path.join(part, 'part.json'), 'x'.repeat(1000));
  await utimes(path.join(part, 'part.json'), 10, 10);
  const lock = path.join(parent, '.lock-q8');
  await writeFile(lock, JSON.stringify({ ...(await gone()), pid: process.ppid }));
  expect(await boundCache(cacheDir, 1500, [])).toMatchObject({ removed: [path.join(parent, 'fp32')] });
  await writeFile(lock, JSON.stringify(await gone()));
  expect(await boundCache(cacheDir, 500, [])).toMatchObject({ removed: [part], bytes: 0 });
});

test('ends a removal that a killed process had begun', async () => {
  const dir = await put('a', 10);
  await mkdir(path.join(path.dirname(dir), '.gone-00000000'));
  await boundCache(cacheDir, 1e9, []);
  expect(await readdir(path.dirname(dir))).toEqual(['fp32']);
});
