import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '@slipway/client/client';
import { makeModels } from '@slipway/models/make';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../stack.ts';
import { transcript } from '../transcript.ts';
import { createPodman, type Podman, whyNoContainer } from './podman.ts';

const missing = whyNoContainer();
const image = `localhost/slipway-test:${process.pid}`;
let podman: Podman;
let models: string;
const started: string[] = [];

/** As strict as a platform may be: read-only, no privileges, UID 1000; /tmp and /run are small tmpfs. */
const strict = ['--read-only', '--user', '1000:1000', '--cap-drop', 'all', '--security-opt', 'no-new-privileges'];

async function start(...args: string[]) {
  const port = await freePort();
  const id = await podman('run', '--detach', '-p', `127.0.0.1:${port}:7860`, ...strict, ...args, image);
  started.push(id);
  const url = `http://127.0.0.1:${port}`;
  while (
    !(await fetch(url).then(
      (answer) => answer.ok,
      () => false,
    ))
  ) {
    const state = await podman('inspect', '--format', '{{.State.Status}}', id);
    if (state !== 'running') throw new Error(`the container is ${state}:\n${await podman('logs', id)}`);
    await sleep(50);
  }
  return { id, url, client: createClient({ baseUrl: url }) };
}

describe.skipIf(missing)(`the image${missing ? ` (skipped: ${missing})` : ''}`, () => {
  beforeAll(async () => {
    podman = createPodman();
    models = await mkdtemp(path.join(tmpdir(), 'slipway-models-'));
    await makeModels(models);
    await chmod(models, 0o755); // the container's user is not ours
    await podman('build', '--format', 'docker', '--network', 'host', '--pull=never', '--quiet', '-t', image, '.');
  });
  afterEach(async () => {
    for (const id of started.splice(0)) await podman('rm', '--force', '--time', '0', id);
  });
  afterAll(async () => {
    await podman('rmi', '--force', image);
    await rm(models, { recursive: true, force: true });
  });

  test('read-only and as UID 1000 it does the main job, and stops with code 0', async () => {
    const { id, client } = await start();
    const submitted = await client.submit('summarize', { text: transcript() });
    const job = await client.wait<'summarize'>(submitted.id);
    expect(job).toMatchObject({ state: 'succeeded', engine: 'extractive' });
    expect(job.output?.summary.split(/\s+/).length).toBeGreaterThan(40);

    expect(await podman('exec', id, 'id', '-u')).toBe('1000');
    expect(await podman('exec', id, 'cat', '/proc/1/comm')).toBe('tini');
    expect(await podman('logs', id)).toContain('gone after a restart, because /data cannot be written');
    await podman('stop', '--time', '40', id);
    expect(await podman('inspect', '--format', '{{.State.ExitCode}}', id)).toBe('0');
  });

  test('a model in a mounted folder answers through ONNX', async () => {
    const env = ['ENGINE=transformers', 'MODEL_NAME=made/copier', 'LOCAL_MODEL_PATH=/models'].flatMap((v) => ['-e', v]);
    const { client } = await start('-v', `${models}:/models:ro`, ...env);
    const { id } = await client.submit('summarize', { text: 'From inside the image.' }, { maxTokens: 11 });
    expect(await client.wait(id)).toMatchObject({
      state: 'succeeded',
      model: 'made/copier',
      output: { summary: 'From inside' },
    });
  });

  test('with a volume at /data, jobs outlive the container', async () => {
    const volume = `slipway-test-${process.pid}`;
    try {
      const first = await start('-v', `${volume}:/data:U`);
      const { id } = await first.client.submit('summarize', { text: 'This is to be remembered.' });
      const before = await first.client.wait(id);
      await podman('stop', '--time', '40', first.id);
      const second = await start('-v', `${volume}:/data:U`);
      expect(await second.client.get(id)).toEqual(before);
    } finally {
      for (const id of started.splice(0)) await podman('rm', '--force', '--time', '0', id);
      await podman('volume', 'rm', '--force', volume);
    }
  });

  test('a bad variable ends it with one clear line', async () => {
    const failed = podman('run', '--rm', ...strict, '-e', 'ENGINE=magic', image);
    await expect(failed).rejects.toMatchObject({ code: 2, stderr: expect.stringMatching(/bad configuration: ENGINE/) });
  });
});
