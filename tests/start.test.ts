import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeModels } from '@slipway/models/make';
import { afterEach, expect, test } from 'vitest';
import { createRedis } from './redis-server.ts';
import { freePort, processesNaming, root, startStack } from './stack.ts';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

/** Starts the launcher without waiting for anything. */
function spawnLauncher(env: Record<string, string>) {
  const child = spawn(process.execPath, ['apps/launcher/dist/main.js'], {
    cwd: root,
    env: { PATH: process.env.PATH, HOME: tmpdir(), DATA_DIR: path.join(tmpdir(), `slipway-data-${env.PORT}`), ...env },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  cleanUp.push(async () => {
    child.kill('SIGINT');
    await ended;
    await rm(path.join(tmpdir(), `slipway-data-${env.PORT}`), { recursive: true, force: true });
  });
  return { output: () => output, ended, kill: (signal: NodeJS.Signals) => child.kill(signal) };
}

/** Goes on at the end of the test at the latest. */
function pause(pid: number): void {
  process.kill(pid, 'SIGSTOP');
  cleanUp.push(() => {
    try {
      process.kill(pid, 'SIGCONT');
    } catch {
      // it has gone on, and ended
    }
  });
}

/** Runs the launcher to its end. */
async function launch(env: Record<string, string>, args: string[] = []) {
  const home = await mkdtemp(path.join(tmpdir(), 'slipway-start-'));
  cleanUp.push(() => rm(home, { recursive: true, force: true }));
  const child = spawn(process.execPath, ['apps/launcher/dist/main.js', ...args], {
    cwd: root,
    env: { PATH: process.env.PATH, HOME: home, DATA_DIR: path.join(home, 'data'), ...env },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const [code] = await once(child, 'close');
  return { code: code as number, lines: output.trim().split('\n') };
}

test('bad variables end it with one line that names them all', async () => {
  const { code, lines } = await launch({ PORT: 'http', ENGINE: 'magic' });
  expect(code).toBe(2);
  expect(lines).toEqual([expect.stringMatching(/^slipway: bad configuration: PORT .+; ENGINE .+/)]);
});

test('a port that is taken ends it with one line that says what to do', async () => {
  const port = await freePort();
  const other = createServer().listen(port, '0.0.0.0');
  await once(other, 'listening');
  cleanUp.push(() => other.close());
  const { code, lines } = await launch({ PORT: String(port) });
  expect(code).toBe(1);
  expect(lines).toEqual([
    `slipway: port ${port} is taken by another program. Choose another: PORT=${port + 1} npm start`,
  ]);
});

test('--help explains and exits 0', async () => {
  const { code, lines } = await launch({}, ['--help']);
  expect(code).toBe(0);
  expect(lines[0]).toMatch(/^Usage: npm start/);
});

test('two instances run side by side, and stopping one leaves the other alone', async () => {
  const [one, two] = await Promise.all([startStack(), startStack()]);
  cleanUp.push(one.remove, two.remove);
  const { id } = await one.client.submit('summarize', { text: 'Only the first one knows this.' });
  await expect(two.client.get(id)).rejects.toMatchObject({ status: 404 });
  await one.stop();
  const job = await two.client.submit('summarize', { text: 'The second one still works.' });
  expect(await two.client.wait(job.id)).toMatchObject({ state: 'succeeded' });
});

test('a second instance on the data of a running one is refused', async () => {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'slipway-data-'));
  cleanUp.push(() => rm(dataDir, { recursive: true, force: true }));
  const first = await startStack({ env: { DATA_DIR: dataDir } });
  cleanUp.push(first.remove);
  const { code, lines } = await launch({ PORT: String(await freePort()), DATA_DIR: dataDir });
  expect(code).toBe(1);
  expect(lines).toEqual([
    `slipway: ${dataDir} is in use by another instance. Give this one its own: DATA_DIR=… npm start`,
  ]);
});

test('of two that start at once on one port, one is refused', async () => {
  const port = String(await freePort());
  const dirs = await Promise.all([1, 2].map(() => mkdtemp(path.join(tmpdir(), 'slipway-data-'))));
  cleanUp.push(() => Promise.all(dirs.map((dir) => rm(dir, { recursive: true, force: true }))));
  const [one, two] = dirs.map((DATA_DIR) => spawnLauncher({ PORT: port, DATA_DIR, ENGINE: 'extractive' }));
  if (!one || !two) throw new Error('two were started');
  const first = await Promise.race([
    one.ended.then(() => [one, two] as const),
    two.ended.then(() => [two, one] as const),
  ]);
  const [refused, other] = first;
  expect(await refused.ended).toBe(1);
  expect(refused.output()).toMatch(/is starting or running already|is taken by another program/);
  while (!other.output().includes('Slipway is up')) await sleep(50);
  other.kill('SIGINT');
  expect(await other.ended).toBe(0);
});

test('told to stop while Redis is only starting, it leaves nothing running', async () => {
  const port = String(await freePort());
  const launcher = spawnLauncher({ PORT: port, ENGINE: 'extractive' });
  const left = () => processesNaming(`slipway-${userInfo().uid}-${port}`);
  while (!(await left()).some((command) => command.includes('redis-server'))) await sleep(1);
  launcher.kill('SIGINT');
  expect(await launcher.ended).toBe(0);
  // nginx' own check of its configuration may be under way, and ends by itself; a server would stay
  await expect.poll(left).toEqual([]);
});

test.each(['SIGKILL', 'SIGHUP'] as const)('point 35: when the launcher gets %s everything stops', async (signal) => {
  const stack = await startStack();
  cleanUp.push(stack.remove);
  stack.kill(signal);
  await stack.ended;
  while ((await processesNaming(stack.runDir)).length > 0) await sleep(50);
});

test('jobs outlive a restart', async () => {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'slipway-data-'));
  cleanUp.push(() => rm(dataDir, { recursive: true, force: true }));
  const first = await startStack({ env: { DATA_DIR: dataDir } });
  cleanUp.push(first.remove);
  const { id } = await first.client.submit('summarize', { text: 'This is to be remembered.' });
  const before = await first.client.wait(id);
  await first.stop();
  const second = await startStack({ env: { DATA_DIR: dataDir } });
  cleanUp.push(second.remove);
  expect(await second.client.get(id)).toEqual(before);
});

test('point 34: stopping in a job that takes too long hands it back, told twice is as told once, and the next start runs it', async () => {
  const dir = await mkdtemp(path.join(tmpdir(), 'slipway-data-'));
  cleanUp.push(() => rm(dir, { recursive: true, force: true }));
  await makeModels(dir, { slow: 1024 }); // about 40 ms a token: the job takes longer than the worker may drain
  const env = { DATA_DIR: path.join(dir, 'data'), MODEL_NAME: 'made/copier', LOCAL_MODEL_PATH: dir };
  const first = await startStack({ env: { ...env, ENGINE: 'transformers' } });
  cleanUp.push(first.remove);
  const text = 'The tide turned before noon and the crew waited for the pilot. '.repeat(60);
  const { id } = await first.client.submit('summarize', { text });
  await expect
    .poll(async () => (await first.client.get(id)).progress?.ratio ?? 0, { timeout: 20_000 })
    .toBeGreaterThan(0);
  const stopped = first.stop();
  await first.stop();
  expect(await stopped).toBe(0);
  expect(await processesNaming(first.runDir)).toEqual([]);

  const second = await startStack({ env: { ...env, ENGINE: 'extractive' } });
  cleanUp.push(second.remove);
  expect(await second.client.wait(id)).toMatchObject({ state: 'succeeded', engine: 'extractive', attempts: 1 });
});

test('point 35: when pm2 is killed nothing is left running, and the exit code says that it was not asked for', async () => {
  const stack = await startStack();
  cleanUp.push(stack.remove);
  process.kill(await stack.supervisorPid(), 'SIGKILL');
  expect(await stack.ended).toBe(1);
  while ((await processesNaming(stack.runDir)).length > 0) await sleep(50);
});

test('with a Redis elsewhere too the launcher of a pm2 that was killed ends after its processes', async () => {
  const redis = await createRedis();
  cleanUp.push(redis.remove);
  const stack = await startStack({ env: { REDIS_URL: redis.url } });
  cleanUp.push(stack.remove);
  const courier = await stack.pid('courier');
  pause(courier); // as one that takes its time over the last push
  process.kill(await stack.supervisorPid(), 'SIGKILL');
  expect(await Promise.race([stack.ended, sleep(2_000, 'waits')])).toBe('waits');
  process.kill(courier, 'SIGCONT');
  expect(await stack.ended).toBe(1);
});

test('on the port of a launcher that was killed the next one waits for what it has left', async () => {
  const first = await startStack();
  cleanUp.push(first.remove);
  const courier = await first.pid('courier');
  pause(courier);
  first.kill('SIGKILL');
  await first.ended;
  await expect.poll(() => fetch(first.url).catch(() => 'nobody'), { timeout: 20_000 }).toBe('nobody');
  const next = spawnLauncher({ PORT: String(first.port), ENGINE: 'extractive' });
  await sleep(2_000);
  expect(await readFile(path.join(first.runDir, 'alive/courier'), 'utf8')).toBe(String(courier));
  process.kill(courier, 'SIGCONT');
  while (!next.output().includes('Slipway is up')) await sleep(50);
  next.kill('SIGINT');
  expect(await next.ended).toBe(0);
});

test('while another container has the data the door is open; a stop ends the wait, and so does that one when it lets go', async () => {
  const port = String(await freePort());
  const dataDir = await mkdtemp(path.join(tmpdir(), 'slipway-waits-'));
  cleanUp.push(() => rm(dataDir, { recursive: true, force: true }));
  const other = { id: 'other', host: 'the-first', runDir: '/nowhere', beatMs: 60_000, beat: 0 };
  const mark = (more: object) =>
    writeFile(path.join(dataDir, '.slipway-instance'), JSON.stringify({ ...other, ...more }));
  await mark({});
  const wait = () => spawnLauncher({ PORT: port, DATA_DIR: dataDir, DATA_KIND: 'bucket', ENGINE: 'extractive' });
  const ask = (way: string) => fetch(`http://127.0.0.1:${port}${way}`).catch(() => undefined);
  const told = wait();
  await expect.poll(async () => (await ask('/healthz'))?.status, { timeout: 20_000 }).toBe(200);
  expect(await (await ask('/'))?.text()).toContain('waits for another one');
  expect((await ask('/api/v1/jobs'))?.status).toBe(503);
  told.kill('SIGTERM');
  expect(await told.ended).toBe(0);

  const next = wait();
  await expect.poll(async () => (await ask('/healthz'))?.status, { timeout: 20_000 }).toBe(200);
  await mark({ released: true });
  await expect.poll(next.output, { timeout: 30_000 }).toContain('Slipway is up');
  next.kill('SIGTERM');
  expect(await next.ended).toBe(0);
});

test('point 11: the door is open while a hub that says nothing holds up the archive; only the worker waits', async () => {
  const hub = createHttpServer(() => {});
  await once(hub.listen(0, '127.0.0.1'), 'listening');
  cleanUp.push(
    () => hub.closeAllConnections(),
    () => void hub.close(),
  );
  const port = String(await freePort());
  const launcher = spawnLauncher({
    PORT: port,
    ENGINE: 'extractive',
    HF_ENDPOINT: `http://127.0.0.1:${(hub.address() as AddressInfo).port}`,
    HF_DATASET_REPO: 'ann/jobs',
    HF_TOKEN: 'hf_x',
  });
  const url = `http://127.0.0.1:${port}`;
  await expect.poll(() => fetch(url).then(({ status }) => status, String), { timeout: 30_000 }).toBe(200);
  const { parts } = (await (await fetch(`${url}/readyz`)).json()) as { parts: { name: string; state: string }[] };
  expect(parts.find(({ name }) => name === 'workers')?.state).toBe('down');
  expect(await readdir(path.join(tmpdir(), `slipway-${userInfo().uid}-${port}`, 'alive'))).not.toContain('worker');
  launcher.kill('SIGINT');
  expect(await launcher.ended).toBe(0);
});
