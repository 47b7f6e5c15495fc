import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Job } from '@slipway/contract/jobs';
import { startTestHub, type TestHub, testCommit } from '@slipway/inference/store/test-hub';
import { makeModels } from '@slipway/models/make';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPodman, type Podman, whyNoContainer } from './podman.ts';

const missing = whyNoContainer();
const nodeImage = 'docker.io/library/node:24-bookworm-slim';
const token = `hf_${'secret'.repeat(4)}${process.pid}`;
const nameOf = (tag: string) => `localhost/slipway-build-${tag}:${process.pid}`;
let podman: Podman;
let dir: string;
let hub: TestHub;

/** Builds a target with build args; each image is known by the tag. */
function build(tag: string, target: string, args: Record<string, string>, ...more: string[]): Promise<string> {
  const buildArgs = Object.entries(args).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]);
  const how = ['--format', 'docker', '--network', 'host', '--pull=never', '--target', target, ...buildArgs, ...more];
  return podman('build', ...how, '-t', nameOf(tag), '.');
}
const runOnce = (tag: string, ...command: string[]) =>
  podman('run', '--rm', '--no-healthcheck', '--entrypoint', command[0] ?? '', nameOf(tag), ...command.slice(1));

/** The lines of our own that a build ended with. */
async function faultsOf(building: Promise<string>): Promise<string[]> {
  const { stderr } = await building.then(
    () => ({ stderr: '' }),
    (error: { stderr: string }) => error,
  );
  return stderr.split('\n').filter((line) => line.startsWith('slipway:'));
}

/** Which of the words are anywhere in an image: its configuration, its history, and every layer, removed files too. */
async function wordsIn(tag: string, words: string[]): Promise<string[]> {
  const archive = path.join(dir, 'image.tar');
  await podman('save', '--quiet', '--format', 'docker-archive', '--output', archive, nameOf(tag));
  const search = spawn('grep', ['-aoF', ...words.flatMap((word) => ['-e', word]), archive]);
  const found = await text(search.stdout);
  await rm(archive);
  return [...new Set(found.split('\n').filter(Boolean))].toSorted();
}

describe.skipIf(missing)(`builds of the image${missing ? ` (skipped: ${missing})` : ''}`, () => {
  beforeAll(async () => {
    podman = createPodman();
    dir = await mkdtemp(path.join(tmpdir(), 'slipway-build-'));
    await makeModels(dir);
    const folder = path.join(dir, 'made/copier');
    const names = (await readdir(folder, { recursive: true })).filter((name) => /\.\w+$/.test(name));
    const files = await Promise.all(
      names.map(async (name) => [name, await readFile(path.join(folder, name))] as const),
    );
    hub = await startTestHub({ files: Object.fromEntries(files), id: 'made/copier', revision: 'main', token });
    await writeFile(path.join(dir, 'token'), token);
  });
  afterAll(async () => {
    await hub.close();
    await rm(dir, { recursive: true, force: true });
    // what the next run builds on stays; what lies over a baked model is new each time
    await podman('rmi', '--no-prune', '--force', '--ignore', nameOf('none'), nameOf('cuda'));
    await podman('rmi', '--force', '--ignore', nameOf('baked'));
  });

  test('a private model is baked at its commit, answers without a network, and the secret is nowhere', async () => {
    const args = { MODEL_REPO_NAME: 'made/copier', HF_ENDPOINT: hub.endpoint };
    await build('baked', 'cpu', args, '--secret', `id=HF_TOKEN,src=${path.join(dir, 'token')}`);
    expect(hub.requests.find(({ path: asked }) => asked.endsWith('config.json'))?.authorization).toBe(
      `Bearer ${token}`,
    );
    expect(await wordsIn('baked', [token, testCommit])).toEqual([testCommit]);

    const volume = `slipway-build-${process.pid}`; // with data that is kept, HF_HOME lies there
    const flags = ['--read-only', '--user', '1000:1000', '--network', 'none', '-v', `${volume}:/data:U`];
    const id = await podman('run', '--detach', ...flags, '-e', 'MODEL_REPO_NAME=made/copier', nameOf('baked'));
    try {
      while (!(await podman('logs', id)).includes('Slipway is up')) {
        const state = await podman('inspect', '--format', '{{.State.Status}}', id);
        if (state !== 'running') throw new Error(`the container is ${state}:\n${await podman('logs', id)}`);
        await sleep(200);
      }
      const submission = { task: 'summarize', input: { text: 'From inside the image.' } };
      const body = JSON.stringify({ ...submission, options: { engine: 'transformers', maxTokens: 11 } });
      const curl = ['curl', '--silent', '--header', 'Content-Type: application/json', '--header', 'Prefer: wait=50'];
      const answer = await podman('exec', id, ...curl, '--data', body, 'http://127.0.0.1:7860/api/v1/jobs');
      expect(JSON.parse(answer) as Job).toMatchObject({ state: 'succeeded', model: 'made/copier' });
      expect(JSON.parse(answer)).toMatchObject({ output: { summary: 'From inside' } });
      const models = await podman('exec', id, 'curl', '--silent', 'http://127.0.0.1:7860/api/v1/models');
      expect(models).toContain(testCommit);
      expect(models).toContain('Loaded from the image.');
    } finally {
      await podman('rm', '--force', '--time', '0', id);
      await podman('volume', 'rm', '--force', volume);
    }
  });

  test('PRELOAD_MODELS=none builds without a model, whatever is named', async () => {
    await build('none', 'models', {
      PRELOAD_MODELS: 'none',
      MODEL_REPO_NAME: 'made/none',
      HF_ENDPOINT: 'http://127.0.0.1:1',
    });
    expect(JSON.parse(await runOnce('none', 'cat', '/models/baked.json'))).toEqual({ models: [] });
  });

  test('a name that the hub does not have ends the build with one clear line', async () => {
    const building = build('wrong', 'models', { MODEL_REPO_NAME: 'made/none', HF_ENDPOINT: hub.endpoint });
    expect(await faultsOf(building)).toEqual([
      expect.stringMatching(/^slipway: made\/none can't be put into the image for summarize: .*HF_TOKEN$/),
    ]);
  });

  test('the target cuda: refused without its base, else built as far as it can be without a graphics card', async () => {
    expect(await faultsOf(build('cuda', 'cuda', {}))).toEqual([expect.stringContaining('CUDA_BASE')]);
    const provider = path.join(dir, 'context/provider'); // in place of what is fetched from outside of npm
    await mkdir(provider, { recursive: true });
    await writeFile(path.join(provider, 'libonnxruntime_providers_cuda.so'), 'a stand-in');
    const context = ['--build-context', `provider=${path.dirname(provider)}`];
    await build('cuda', 'cuda', { CUDA_BASE: nodeImage }, ...context);
    const libraries = '/app/node_modules/onnxruntime-node/bin/napi-v6/linux/x64';
    expect((await runOnce('cuda', 'ls', libraries)).split('\n')).toEqual([
      'libonnxruntime.so.1',
      'libonnxruntime_providers_cuda.so',
      'onnxruntime_binding.node',
    ]);
    expect(await runOnce('cuda', 'sh', '-c', 'id -u && node --version && cat apps/*/dist/main.js | wc -l')).toMatch(
      /^1000\nv24\.\d+\.\d+\n\d+$/,
    );
  });
});
