import { availableParallelism, loadavg } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answers, type Container, createContainers, runDir, untilUp } from './containers.ts';
import { whyNoContainer } from './podman.ts';

/** A container as a Space runs it, with no volume and no flag, with nothing set; its processes are killed. */

const missing = whyNoContainer();
const { podman, start, removeAll } = createContainers();
let container: Container;
let firstAnswer: { ms: number; get: number; head: number; logs: string };

async function job(): Promise<string> {
  const { id } = await container.client.submit('summarize', { text: 'The harbour is quiet. The ships are gone.' });
  return (await container.client.wait(id)).state;
}
const zombies = () => container.sh('ps -eo stat=,pid=,comm= | grep ^Z || true');

beforeAll(async () => {
  if (missing) return;
  await startWithNothingSet();
});
afterAll(removeAll);

async function startWithNothingSet(): Promise<void> {
  const startedAt = performance.now();
  container = await start([], { until: 'answers' });
  const ms = performance.now() - startedAt;
  const [get, head] = await Promise.all(['GET', 'HEAD'].map((method) => container.ask('/', { method })));
  firstAnswer = { ms, get: get?.status ?? 0, head: head?.status ?? 0, logs: await container.logs() };
  await untilUp(container);
}

describe.skipIf(missing)(`a Space with nothing set${missing ? ` (skipped: ${missing})` : ''}`, () => {
  test('point 11: GET and HEAD of / are 200 within 5 s, before a model is loaded', () => {
    // 5 s on a machine that has its cores to itself; on a busy one as much more as its load says
    const share = Math.max(1, (loadavg()[0] ?? 1) / availableParallelism());
    console.info(`first answer after ${Math.round(firstAnswer.ms)} ms, load ${share.toFixed(1)} a core`);
    expect(firstAnswer).toMatchObject({ get: 200, head: 200 });
    expect(firstAnswer.ms).toBeLessThan(5_000 * share);
    expect(firstAnswer.logs).not.toMatch(/"msg":"[^"]*loaded/);
  });

  test('points 13, 14: it works, its admin is closed, and one line tells what it is', async () => {
    expect(await job()).toBe('succeeded');
    expect((await container.ask('/admin/')).headers.location).toBe('/admin/login');
    expect((await container.ask('/api/v1/admin/state')).status).toBe(401);
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    for (const body of ['password=', 'password=admin', ''])
      expect((await container.ask('/admin/login', { method: 'POST', headers, body })).status).toBe(401);
    const line = /^slipway: UID 1000, \d+ cores, \d+\.\d GiB of memory, persistence: ephemeral$/gm;
    expect((await container.logs()).match(line)).toHaveLength(1);
  });

  test('point 32: Redis has a configuration of its own, forgets nothing, and is on no network', async () => {
    const redis = (...words: string[]) => container.exec('redis-cli', '-s', `${runDir}/redis.sock`, ...words);
    expect(await redis('config', 'get', 'maxmemory-policy')).toBe('maxmemory-policy\nnoeviction');
    expect(await redis('config', 'get', 'port')).toBe('port\n0');
    expect(await redis('info', 'server')).toMatch(/config_file:\s/);
    expect(Number((await redis('config', 'get', 'maxmemory')).split('\n')[1])).toBeGreaterThan(0);
    const sockets = await container.sh('cat /proc/net/tcp /proc/net/tcp6 | awk \'$4 == "0A" {print $2}\'');
    const listening = sockets.split('\n').map((line) => line.split(':'));
    const open = listening.filter(([host]) => host !== '0100007F').map(([, port = '']) => Number.parseInt(port, 16));
    expect(new Set(open)).toEqual(new Set([7860])); // services of the fork listen on its loopback
  });

  test('point 10: tini is the first process, and of a grandchild that is killed nothing stays', async () => {
    expect(await container.exec('cat', '/proc/1/comm')).toBe('tini');
    const pid = await container.sh('sleep 600 > /dev/null 2>&1 & echo $!');
    expect(await container.sh(`ps -o ppid= -p ${pid}`)).toMatch(/^\s*1$/); // its parent has gone
    await container.exec('kill', '-9', pid);
    await expect.poll(() => container.sh(`ps -o stat= -p ${pid} || true`), { timeout: 10_000 }).toBe('');
    expect(await zombies()).toBe('');
  });

  test.each(['redis', 'courier', 'worker', 'gateway', 'nginx'])(
    'points 10, 35: %s is killed and comes back, with all that it does',
    async (name) => {
      const before = await container.pid(name);
      await container.exec('kill', '-9', String(before));
      await expect.poll(() => container.pid(name).catch(() => before), { timeout: 20_000 }).not.toBe(before);
      await expect.poll(() => job().catch(String), { timeout: 30_000 }).toBe('succeeded');
      await expect.poll(zombies, { timeout: 10_000 }).toBe('');
    },
  );

  test.each([
    ['redis-server', 'pgrep -x redis-server'],
    ["nginx' master", `cat ${runDir}/nginx.pid`],
    ['an inference process', 'pgrep -P $(cat /tmp/slipway-1000-7860/pm2/pids/worker-*.pid) | head -1'],
  ])('points 10, 35: %s, the child of what pm2 runs, is killed and comes back', async (_name, find) => {
    const before = await container.sh(find);
    expect(before).toMatch(/^\d+$/);
    await container.exec('kill', '-9', before);
    await expect.poll(() => container.sh(find).catch(() => ''), { timeout: 20_000 }).toMatch(/^\d+$/);
    await expect.poll(() => job().catch(String), { timeout: 30_000 }).toBe('succeeded');
    await expect.poll(zombies, { timeout: 10_000 }).toBe('');
  });

  test('points 35, 38: pm2 is killed: it ends with an error, and its disk still has the jobs', async () => {
    const { id } = await container.client.submit('summarize', { text: 'Of before. And no more.' });
    const done = await container.client.wait(id);
    await container.sh("kill -9 $(pgrep -f '^[^ ]*node.*pm2-runtime' | head -1)");
    expect(await container.ended()).toBe(1);
    await podman('start', container.id);
    await expect.poll(() => answers(container.url), { timeout: 30_000 }).toBe(true);
    expect(await container.client.get(id)).toEqual(done);
  });

  test('point 35: the launcher is killed: the container ends', async () => {
    await container.sh('kill -9 $(pgrep -P 1 -f apps/launcher/dist/main.js)');
    expect(await container.ended()).not.toBe(0);
  });
});
