import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bakeModel } from './bake.ts';
import { cacheFolder } from './model.ts';
import { noPatience, testFiles } from './test-files.ts';
import { startTestHub, type TestHub, testCommit } from './test-hub.ts';
import { ModelUnavailableError } from './unavailable.ts';
import { verifyModel } from './verify.ts';

const model = { task: 'chat', id: 'made/test', revision: 'main', dtype: 'q4' } as const;
const signal = new AbortController().signal;
let dir: string;
let hub: TestHub;

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'slipway-bake-'));
  hub = await startTestHub({ files: testFiles('chat', 'q4'), id: model.id, revision: 'main', token: 'hf_right' });
});
afterEach(async () => {
  await hub.close();
  await rm(dir, { recursive: true });
});

const bake = (id: string, token?: string) =>
  bakeModel({ model: { ...model, id }, dir, endpoint: hub.endpoint, token, signal, patience: noPatience() });

test('a branch becomes the commit that it stands for, in name and folder', async () => {
  const pinned = await bake('made/test', 'hf_right');
  expect(pinned).toEqual({ ...model, revision: testCommit });
  await verifyModel(pinned, cacheFolder(dir, pinned), signal);
  const [first, ...others] = hub.requests.filter(({ server }) => server === 'hub');
  expect(first?.path).toContain('/resolve/main/');
  expect(others.every((request) => request.path.includes(`/resolve/${testCommit}/`))).toBe(true);
});

test.each([
  ['without the token', 'made/test', undefined, 'the hub answered 401 for config.json'],
  ['of another name', 'made/none', 'hf_right', 'the hub has no config.json of made/none at main'],
])('a model %s is an error that says what happened', async (_, id, token, what) => {
  const failing = bake(id, token);
  await expect(failing).rejects.toBeInstanceOf(ModelUnavailableError);
  await expect(failing).rejects.toMatchObject({ what });
});
