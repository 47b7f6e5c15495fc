import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { startStack } from './stack.ts';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

async function stackOn(dataDir: string, kind: string) {
  const stack = await startStack({ env: { DATA_DIR: dataDir, DATA_KIND: kind, ENGINE: 'extractive' } });
  cleanUp.push(stack.remove);
  return stack;
}
async function folder(): Promise<string> {
  const dir = await mkdtemp(path.join(tmpdir(), 'slipway-data-'));
  cleanUp.push(() => rm(dir, { recursive: true, force: true }));
  return dir;
}
const below = async (dir: string) => (await readdir(dir).catch(() => [])).sort();

test('on a bucket Redis stays on the local disk, and a machine without its data begins with the last snapshot', async () => {
  const bucket = await folder();
  const first = await stackOn(bucket, 'bucket');
  const { id } = await first.client.submit('summarize', { text: 'This is to be remembered.' });
  const before = await first.client.wait(id);
  expect(await below(bucket)).not.toContain('redis');
  expect(await below(path.join(first.runDir, 'redis'))).toContain('appendonlydir');
  await first.remove(); // with its run directory, as a container that is thrown away
  const copies = (await below(path.join(bucket, 'redis-snapshots'))).filter((name) => name.endsWith('.rdb'));
  expect(copies).toHaveLength(2); // at the signal, and when Redis had ended

  const second = await stackOn(bucket, 'bucket');
  expect(await second.client.get(id)).toEqual(before);
  const { parts } = await second.client.readiness();
  expect(parts.find(({ name }) => name === 'data')).toMatchObject({ kind: 'bucket', state: 'ok' });
  expect(JSON.stringify(parts)).not.toContain(bucket);
});

test('on a disk Redis keeps its append-only file there', async () => {
  const disk = await folder();
  const stack = await stackOn(disk, 'disk');
  const { parts } = await stack.client.readiness();
  expect(parts.find(({ name }) => name === 'data')).toMatchObject({ kind: 'disk', state: 'ok' });
  await stack.stop();
  expect(await below(path.join(disk, 'redis'))).toContain('appendonlydir');
});
