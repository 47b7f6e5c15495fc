import { afterEach, describe, expect, test } from 'vitest';
import { createContainers, untilUp } from './containers.ts';
import { whyNoContainer } from './podman.ts';

const missing = whyNoContainer();
const volume = `slipway-volumes-${process.pid}`;
const flags = ['--read-only', '--user', '1000:1000', '-v', `${volume}:/data:U`, '-e', 'ENGINE=extractive'];
const { podman, image, start: startOne, removeAll } = createContainers();
const start = (...args: string[]) => startOne([...flags, ...args]);

describe.skipIf(missing)(`volumes${missing ? ` (skipped: ${missing})` : ''}`, () => {
  afterEach(async () => {
    await removeAll();
    await podman('volume', 'rm', '--force', volume);
  });

  test('point 36: on a Space a volume is a bucket: the next container begins with the snapshot of the last', async () => {
    const onSpace = ['-e', 'SPACE_ID=me/slipway'];
    const first = await start(...onSpace);
    const { id } = await first.client.submit('summarize', { text: 'This is to be remembered.' });
    const before = await first.client.wait(id);
    const { parts } = await first.client.readiness();
    expect(parts.find(({ name }) => name === 'data')).toMatchObject({ kind: 'bucket', state: 'ok' });
    await podman('stop', '--time', '40', first.id);
    expect(await podman('inspect', '--format', '{{.State.ExitCode}}', first.id)).toBe('0');

    const second = await start(...onSpace);
    expect(await second.client.get(id)).toEqual(before);
    expect(await podman('exec', second.id, 'ls', '/data')).not.toMatch(/^redis$/m);
  });

  test('at an update whose containers overlap the new one answers while it waits, then goes on with the jobs', async () => {
    const onSpace = ['-e', 'SPACE_ID=me/slipway'];
    const old = await start(...onSpace);
    const { id } = await old.client.submit('summarize', { text: 'This is to be remembered.' });
    const before = await old.client.wait(id);
    const next = await startOne([...flags, ...onSpace], { until: 'answers' });
    expect((await next.ask('/healthz')).body).toContain('waits for another one');
    expect((await next.ask(`/api/v1/jobs/${id}`)).status).toBe(503);
    await podman('stop', '--time', '40', old.id);
    await untilUp(next);
    expect(await next.client.get(id)).toEqual(before);
  });

  test('a second container on one volume ends with a line that names the first, which goes on', async () => {
    const first = await start('--hostname', 'the-first');
    const { parts } = await first.client.readiness();
    expect(parts.find(({ name }) => name === 'data')).toMatchObject({ kind: 'disk', state: 'ok' });
    await expect(podman('run', '--rm', ...flags, image)).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^slipway: \/data is in use by another instance, in the-first\. One volume/m),
    });
    const { id } = await first.client.submit('summarize', { text: 'It still works.' });
    expect(await first.client.wait(id)).toMatchObject({ state: 'succeeded' });
  });

  test('inside, the doctor explains the instance', async () => {
    const { id } = await start('-e', 'HF_HUB_OFFLINE=1');
    const text = await podman('exec', id, 'node', 'apps/launcher/dist/doctor.js');
    expect(text).toMatch(/^ok {4}user +UID 1000$/m);
    expect(text).toMatch(/^ok {4}data +disk: \/data is on a disk/m);
    expect(text).toMatch(/ 0 to mend\.$/);
  });
});
