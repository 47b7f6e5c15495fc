import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { bakeVariables } from '@slipway/config/bake';
import { readBakedModels } from '@slipway/config/baked';
import { testFiles } from '@slipway/inference/store/test-files';
import { startTestHub, type TestHub, testCommit } from '@slipway/inference/store/test-hub';
import { afterEach, beforeEach, expect, test } from 'vitest';

const run = promisify(execFile);
let dir: string;
let hub: TestHub;

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'slipway-bake-'));
  hub = await startTestHub({ files: testFiles('chat', 'q4'), id: 'made/talker', revision: 'main' });
});
afterEach(async () => {
  await hub.close();
  await rm(dir, { recursive: true });
});

/** Runs it as the Dockerfile does, where an arg that is not given is empty. */
function bake(args: Partial<Record<(typeof bakeVariables)[number], string>>) {
  const none = Object.fromEntries(bakeVariables.map((name) => [name, '']));
  const env = { ...none, HF_ENDPOINT: hub.endpoint, ...args };
  return run(process.execPath, [path.join(import.meta.dirname, 'bake.ts'), path.join(dir, 'models')], { env });
}
const faultOf = (args: Parameters<typeof bake>[0]) =>
  bake(args).then(
    () => undefined,
    ({ code, stderr }: { code: number; stderr: string }) => `${code} ${stderr}`,
  );

test('what is named comes into the folder, with a note of it', async () => {
  const { stdout } = await bake({ MODEL_REPO_NAME: 'made/talker', MODEL_TASK: 'chat', MODEL_DTYPE: 'q4' });
  expect(stdout).toBe(`chat: made/talker at ${testCommit}, q4, is in the image\n`);
  expect(readBakedModels(path.join(dir, 'models'))).toEqual([
    { task: 'chat', id: 'made/talker', revision: testCommit, dtype: 'q4' },
  ]);
});

test('with PRELOAD_MODELS=none nothing is asked, and the note is empty', async () => {
  await bake({ MODEL_REPO_NAME: 'made/talker', PRELOAD_MODELS: 'none' });
  expect(hub.requests).toEqual([]);
  expect(readBakedModels(path.join(dir, 'models'))).toEqual([]);
});

test('what goes wrong ends it with code 1 and one line', async () => {
  const [name, hubAway, task] = await Promise.all([
    faultOf({ MODEL_REPO_NAME: 'made/none' }),
    faultOf({ MODEL_REPO_NAME: 'made/talker', HF_ENDPOINT: 'http://127.0.0.1:1' }),
    faultOf({ MODEL_TASK: 'dance' }),
  ]);
  expect(name).toMatch(
    /^1 slipway: made\/none can't be put into the image for summarize: the hub has no config.json of made\/none at main; check MODEL_REPO_NAME, .*\n$/,
  );
  expect(hubAway).toMatch(
    /^1 slipway: made\/talker .* 127\.0\.0\.1:1 can't be reached .*; try again later, or name a mirror in HF_ENDPOINT\n$/,
  );
  expect(task).toMatch(/^1 slipway: bad build arguments: MODEL_TASK must be one of .*\n$/);
});

test('the Dockerfile declares every build arg, and the token as a secret', async () => {
  const dockerfile = await readFile(path.join(import.meta.dirname, '../Dockerfile'), 'utf8');
  const declared = /^FROM node AS models\n(?:.*\n)*?ARG (.*)$/m.exec(dockerfile)?.[1]?.split(' ') ?? [];
  const args = bakeVariables.filter((name) => name !== 'HF_TOKEN');
  expect(declared.map((arg) => arg.replace('=""', '')).toSorted()).toEqual(args.toSorted());
  expect(dockerfile).not.toMatch(/ARG .*HF_TOKEN|required=true/);
});
