import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { makeModels } from '@slipway/models/make';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { transcript } from '../transcript.ts';
import { createContainers } from './containers.ts';
import { whyNoContainer } from './podman.ts';

const missing = whyNoContainer();
const { podman, image, start, removeAll } = createContainers();
let models: string;

/** As strict as a platform may be: read-only, no privileges, UID 1000; /tmp and /run are small tmpfs. */
const strict = ['--read-only', '--user', '1000:1000', '--cap-drop', 'all', '--security-opt', 'no-new-privileges'];

describe.skipIf(missing)(`the image${missing ? ` (skipped: ${missing})` : ''}`, () => {
  beforeAll(async () => {
    models = await mkdtemp(path.join(tmpdir(), 'slipway-models-'));
    await makeModels(models);
    await chmod(models, 0o755); // the container's user is not ours
  });
  afterEach(removeAll);
  afterAll(() => rm(models, { recursive: true, force: true }));

  test('read-only and as UID 1000 it does the main job, and stops with code 0', async () => {
    const { id, client, logs } = await start(strict);
    const submitted = await client.submit('summarize', { text: transcript() });
    const job = await client.wait<'summarize'>(submitted.id);
    expect(job).toMatchObject({ state: 'succeeded', engine: 'extractive' });
    expect(job.output?.summary.split(/\s+/).length).toBeGreaterThan(40);

    expect(await logs()).toContain('gone after a restart, because /data cannot be written');
    await podman('stop', '--time', '40', id);
    expect(await podman('inspect', '--format', '{{.State.ExitCode}}', id)).toBe('0');
  });

  test('a model in a mounted folder answers through ONNX', async () => {
    const env = ['ENGINE=transformers', 'MODEL_NAME=made/copier', 'LOCAL_MODEL_PATH=/models'].flatMap((v) => ['-e', v]);
    const { client } = await start([...strict, '-v', `${models}:/models:ro`, ...env], { until: 'answers' });
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
      const first = await start([...strict, '-v', `${volume}:/data:U`]);
      const { id } = await first.client.submit('summarize', { text: 'This is to be remembered.' });
      const before = await first.client.wait(id);
      await podman('stop', '--time', '40', first.id);
      const second = await start([...strict, '-v', `${volume}:/data:U`]);
      expect(await second.client.get(id)).toEqual(before);
    } finally {
      await removeAll();
      await podman('volume', 'rm', '--force', volume);
    }
  });

  test('a bad variable ends it with one clear line', async () => {
    const failed = podman('run', '--rm', ...strict, '-e', 'ENGINE=magic', image);
    await expect(failed).rejects.toMatchObject({ code: 2, stderr: expect.stringMatching(/bad configuration: ENGINE/) });
  });
});
