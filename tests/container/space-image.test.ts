import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root } from '../stack.ts';
import { buildArguments } from './build-image.ts';
import { type Container, createContainers, runDir } from './containers.ts';
import { whyNoContainer } from './podman.ts';

/** What the image is, and what it needs to write. */

const missing = whyNoContainer();
const volume = `slipway-space-${process.pid}`;
const { podman, image, start, removeAll } = createContainers();
/** A read-only root, and nothing that can be written but /tmp and /data: podman's own tmpfs for /run and /var/tmp are off. */
const strict = ['--read-only', '--read-only-tmpfs=false', '--tmpfs', '/tmp', '-v', `${volume}:/data:U`];
let container: Container;

describe.skipIf(missing)(`a Space's image${missing ? ` (skipped: ${missing})` : ''}`, () => {
  beforeAll(async () => {
    container = await start([...strict, '--cap-drop', 'all', '--security-opt', 'no-new-privileges']);
  });
  afterAll(async () => {
    await removeAll();
    await podman('volume', 'rm', '--force', volume);
  });

  test('point 5: it is built without a secret and without an argument', async () => {
    expect(buildArguments.join(' ')).not.toMatch(/--secret|--build-arg/);
    expect(await podman('image', 'inspect', '--format', '{{.Id}}', image)).toMatch(/^[0-9a-f]{64}$/);
    // one that is required would break every duplicate of the Space
    const lines = (await readFile(path.join(root, 'Dockerfile'), 'utf8')).split('\n');
    expect(lines.filter((line) => !line.startsWith('#')).join('\n')).not.toMatch(/type=secret\S*,required(?!=false)/);
  });

  test('point 6: it runs as UID 1000, with nobody saying so', async () => {
    expect(await container.exec('id', '-u')).toBe('1000');
    expect(await container.sh('ps -eo uid= | sort -u')).toMatch(/^\s*1000$/);
  });

  test('point 7: with a read-only root only /tmp and /data are written, and it does its work', async () => {
    const writable = await container.sh(
      'find / /tmp /data -maxdepth 6 -xdev -type d -writable -prune 2>/dev/null | sort -u | head',
    );
    expect(writable.split('\n').toSorted()).toEqual(['/data', '/tmp']);
    const mounts = await container.exec('cat', '/proc/mounts');
    const written = mounts.split('\n').map((line) => line.split(' '));
    const ours = written.filter(([, , , options]) => options?.split(',').includes('rw')).map(([, point = '']) => point);
    expect(ours.filter((point) => !/^\/(proc|sys|dev|etc|run\/\.containerenv)/.test(point))).toEqual(['/tmp', '/data']);
    const { id } = await container.client.submit('summarize', { text: 'The harbour is quiet. The ships are gone.' });
    expect(await container.client.wait(id)).toMatchObject({ state: 'succeeded' });
  });

  test('point 8: no layer changes the owner of what another layer has brought', async () => {
    const layers = await podman('history', '--no-trunc', '--format', '{{.CreatedBy}}', image);
    expect(layers).toMatch(/apt-get install [^\n]*nginx/); // it is the right history
    expect(layers).not.toMatch(/ch(own|mod|grp)\s+(-\w*R|--recursive)/);
  });

  test('point 9: Dev Mode finds its programs, /app that is ours, and a command to run', async () => {
    for (const program of ['bash', 'curl', 'wget', 'ps', 'git', 'git-lfs'])
      expect(await container.exec(program, '--version')).toMatch(/\d+\.\d+/);
    expect(await container.exec('stat', '--format', '%u %n', '/app')).toBe('1000 /app');
    expect(await container.sh('find /app ! -user 1000 | head')).toBe('');
    const [command, user, folder] = await Promise.all(
      ['Cmd', 'User', 'WorkingDir'].map((name) => podman('image', 'inspect', '--format', `{{.Config.${name}}}`, image)),
    );
    expect([command, user, folder]).toEqual(['[node apps/launcher/dist/main.js]', '1000:1000', '/app']);
  });

  test('point 15: models are kept on the volume, where they can be written and have a bound', async () => {
    const report = JSON.parse(await container.exec('node', 'apps/launcher/dist/doctor.js', '--json'));
    const check = JSON.stringify(report);
    expect(check).toContain('/data/huggingface/slipway');
    const worker = await container.pid('worker');
    const environment = await container.sh(`tr '\\0' '\\n' < /proc/${worker}/environ`);
    expect(environment).toMatch(/^HF_HOME=\/data\/huggingface$/m);
    await container.sh('mkdir -p /data/huggingface/slipway && touch /data/huggingface/slipway/.probe');
  });

  test('point 16: nginx finds its configuration good as UID 1000 with pipes for its output', async () => {
    const script = `const { spawnSync } = require('node:child_process');
      const args = ['-e', 'stderr', '-p', '${runDir}', '-c', '${runDir}/nginx.conf', '-t'];
      const { status, stderr } = spawnSync('nginx', args, { stdio: 'pipe', encoding: 'utf8' });
      console.log(JSON.stringify({ uid: process.getuid(), status, stderr }));`;
    const { uid, status, stderr } = JSON.parse(await container.exec('node', '--eval', script));
    expect([uid, status]).toEqual([1000, 0]);
    expect(stderr).toMatch(/test is successful/);
    expect(stderr).not.toMatch(/warn|alert|emerg/);
  });

  test("point 17: nginx' pid file and its five temporary folders lie where it can write", async () => {
    const text = await container.exec('cat', `${runDir}/nginx.conf`);
    const paths = [...text.matchAll(/^\s*(?:pid|\w+_temp_path) (\S+);/gm)].map(([, at]) => at as string);
    expect(paths).toHaveLength(6);
    for (const at of paths) expect(await container.sh(`test -w ${at} && echo yes`)).toBe('yes');
    expect(text).not.toMatch(/^\s*user /m);
    // a body of more than 128 KiB goes to a file there
    const body = JSON.stringify({ task: 'summarize', input: { text: 'The tide turned. '.repeat(10_000) } });
    const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) };
    expect(await container.ask('/api/v1/jobs', { method: 'POST', headers, body })).toMatchObject({ status: 202 });
  });
});
