import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type HubStandIn, startHubStandIn } from '@slipway/courier/archive/test-hub';
import { makeModels } from '@slipway/models/make';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Container, createContainers } from './containers.ts';
import { whyNoContainer } from './podman.ts';

/** What outlives a container: with no place to write, and with a dataset on a stand-in for the Hub. */

const missing = whyNoContainer();
const { podman, start, removeAll } = createContainers();
const password = 'correct horse battery';
let hub: HubStandIn;
let models: string;

/** A new, empty container whose one inference process takes about 40 ms a token. */
function boot(more: Record<string, string> = {}): Promise<Container> {
  const env = {
    HF_ENDPOINT: hub.endpoint,
    HF_DATASET_REPO: hub.dataset,
    HF_TOKEN: hub.token,
    ADMIN_PASSWORD: password,
    MODEL_NAME: 'made/copier',
    LOCAL_MODEL_PATH: '/models',
    WORKER_CHILDREN: '1',
    ...more,
  };
  const settings = Object.entries(env).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
  return start(['-v', `${models}:/models:ro`, ...settings], { hostNetwork: true });
}

const archived = () =>
  hub
    .paths()
    .map((name) => hub.text(name))
    .join('');

/** A job that has ended, one that runs for long, and one that waits behind it. */
async function threeJobs({ client }: Container) {
  const { id } = await client.submit('summarize', { text: 'The harbour is quiet.' }, { engine: 'extractive' });
  const ended = await client.wait(id);
  const text = 'The tide turned before noon and the crew waited for the pilot. '.repeat(60);
  const running = await client.submit('summarize', { text });
  await expect
    .poll(async () => (await client.get(running.id)).progress?.ratio ?? 0, { timeout: 60_000 })
    .toBeGreaterThan(0);
  const waiting = await client.submit('summarize', { text: 'This one waits its turn.' });
  return { ended, open: [running.id, waiting.id] };
}

/** What the operator is told of the data, through sign-in. */
async function dataPart(container: Container) {
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
  const body = `password=${encodeURIComponent(password)}`;
  const signIn = await container.ask('/admin/login', { method: 'POST', headers, body });
  const Cookie = String(signIn.headers['set-cookie']).split(';')[0] ?? '';
  const state = JSON.parse((await container.ask('/api/v1/admin/state', { headers: { Cookie } })).body);
  return state.readiness.parts.find(({ name }: { name: string }) => name === 'data');
}

describe.skipIf(missing)(`a Space's state${missing ? ` (skipped: ${missing})` : ''}`, () => {
  beforeAll(async () => {
    models = await mkdtemp(path.join(tmpdir(), 'slipway-models-'));
    await makeModels(models, { slow: 1024 });
    await chmod(models, 0o755); // the container's user is not ours
  });
  beforeEach(async () => {
    hub = await startHubStandIn();
  });
  afterEach(async () => {
    await removeAll();
    await hub.close();
  });
  afterAll(() => rm(models, { recursive: true, force: true }));

  test('points 13, 33, 36: a volume that cannot be written is found at the start, told, and worked without', async () => {
    const empty = await mkdtemp(path.join(tmpdir(), 'slipway-empty-'));
    try {
      const container = await start(['-v', `${empty}:/data:ro`, '-e', 'SPACE_ID=ann/demo']);
      const { parts } = await container.client.readiness();
      const part = parts.find(({ name }) => name === 'data');
      expect(part).toMatchObject({ kind: 'ephemeral', state: 'degraded' });
      expect(part?.reason).toMatch(/cannot be written \((EROFS|EACCES)\)/);
      expect(await container.logs()).toMatch(/gone after a restart, because \/data cannot be written/);
      const { id } = await container.client.submit('summarize', { text: 'It works. All the same.' });
      expect(await container.client.wait(id)).toMatchObject({ state: 'succeeded' });
      // and on a Space with nothing set nobody is let in
      const login = await container.ask('/admin/login');
      expect([login.status, login.body]).toEqual([403, expect.stringContaining('Nobody can sign in here yet')]);
    } finally {
      await removeAll();
      await rm(empty, { recursive: true, force: true });
    }
  });

  test('points 36, 37, 39, 40: a container is killed, and a new, empty one has its jobs, whatever the Hub does', async () => {
    const faults = [429, 412, 503, 'cut'];
    hub.accident = (call, request, response) => {
      const fault = call === 'commit' ? faults.shift() : undefined;
      if (fault === undefined) return false;
      if (fault === 'cut') request.socket.destroy();
      else request.resume().once('end', () => response.writeHead(Number(fault), { 'retry-after': '1' }).end());
      return true;
    };
    const first = await boot({ ENGINE: 'transformers', ARCHIVE_EVERY: '1' });
    const { ended, open } = await threeJobs(first);
    await expect.poll(() => [ended.id, ...open].every((id) => archived().includes(id)), { timeout: 40_000 }).toBe(true);
    expect(faults).toEqual([]);
    expect(hub.repository?.private).toBe(true);
    expect(await dataPart(first)).toMatchObject({ kind: 'dataset', state: 'ok' });
    await podman('kill', first.id);
    await removeAll();

    const commits = hub.commits.length;
    let beforeRestore = 0;
    hub.accident = (call) => {
      if (call === 'list' && beforeRestore === 0) beforeRestore = hub.commits.length;
      return false;
    };
    const second = await boot({ ENGINE: 'extractive' });
    expect(beforeRestore).toBe(commits);
    const lines = await second.logs();
    expect(lines.indexOf('restored what the archive holds')).toBeGreaterThan(0);
    expect(lines.indexOf('restored what the archive holds')).toBeLessThan(lines.indexOf('"process":"worker"'));
    expect(await second.client.get(ended.id)).toEqual(ended);
    for (const id of open) expect((await second.client.wait(id)).state).toBe('succeeded');
    expect(lines).not.toContain(hub.token);
  });

  test('points 34, 40: told to stop in a job it hands it back and pushes within 10 s, all in order', async () => {
    const first = await boot({ ENGINE: 'transformers', ARCHIVE_EVERY: '3600' });
    const { ended, open } = await threeJobs(first);
    expect(hub.commits).toEqual([]);
    const startedAt = performance.now();
    const pushed = hub.nextCommit().then(() => performance.now() - startedAt);
    await podman('stop', '--time', '40', first.id);
    expect(await podman('inspect', '--format', '{{.State.ExitCode}}', first.id)).toBe('0');
    const [pushMs, stopMs] = [await pushed, performance.now() - startedAt];
    console.info(`in a job: pushed after ${Math.round(pushMs)} ms, stopped after ${Math.round(stopMs)} ms`);
    expect(pushMs).toBeLessThan(10_000);
    const lines = await first.logs();
    const places = ['nginx', 'gateway', 'worker', 'courier', 'redis'].map((name) =>
      lines.lastIndexOf(`"process":"${name}","msg":"stopped"`),
    );
    expect(Math.min(...places)).toBeGreaterThan(0);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    await removeAll();

    const second = await boot({ ENGINE: 'extractive' });
    expect(await second.client.get(ended.id)).toEqual(ended);
    for (const id of open) expect((await second.client.wait(id)).state).toBe('succeeded');
  });
});
