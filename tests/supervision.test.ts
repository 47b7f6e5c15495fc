import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeModels } from '@slipway/models/make';
import { afterEach, expect, test } from 'vitest';
import { freePort, processesNaming, root, type Stack, startStack } from './stack.ts';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

async function folder(): Promise<string> {
  const dir = await mkdtemp(path.join(tmpdir(), 'slipway-watch-'));
  cleanUp.push(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

/** Runs the launcher of a checkout to its end. */
async function launch(checkout: string, dataDir: string) {
  const port = await freePort();
  const startedAt = performance.now();
  const child = spawn(process.execPath, ['apps/launcher/dist/main.js'], {
    cwd: checkout,
    env: { PATH: process.env.PATH, HOME: dataDir, PORT: String(port), DATA_DIR: dataDir, ENGINE: 'extractive' },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const [code] = await once(child, 'close');
  const left = await processesNaming(`slipway-${userInfo().uid}-${port}`);
  return { code: code as number, ms: performance.now() - startedAt, lines: output.trim().split('\n'), left };
}

/** A copy of what the launcher looks at, to break. */
async function copyOfHouse(): Promise<string> {
  const dir = await folder();
  await mkdir(path.join(dir, 'apps'));
  for (const app of ['launcher', 'worker', 'gateway', 'courier', 'admin'])
    await cp(path.join(root, 'apps', app, 'dist'), path.join(dir, 'apps', app, 'dist'), { recursive: true });
  for (const file of ['package.json', 'nginx.conf', 'ecosystem.config.cjs'])
    await cp(path.join(root, file), path.join(dir, file));
  await symlink(path.join(root, 'node_modules'), path.join(dir, 'node_modules'));
  return dir;
}

async function stopped(stack: Stack) {
  const startedAt = performance.now();
  const code = await stack.stop();
  return { code, ms: performance.now() - startedAt };
}

/** When each process said that it has stopped, as places in the output. */
const ends = (stack: Stack) =>
  ['nginx', 'gateway', 'worker', 'courier', 'redis'].map((name) =>
    stack.output().lastIndexOf(`"process":"${name}","msg":"stopped"`),
  );

test('point 35: a process that ends again and again ends the house, with a non-zero code and one line that names it', async () => {
  const stack = await startStack();
  cleanUp.push(stack.remove);
  let killed = 0;
  let over = false;
  void stack.ended.then(() => {
    over = true;
  });
  while (!over) {
    const pid = await stack.pid('gateway').catch(() => killed); // no file while it is being restarted
    if (pid !== killed) {
      killed = pid;
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // it was quicker
      }
    }
    await sleep(20);
  }
  expect(await stack.ended).toBe(1);
  expect(stack.output()).toContain('slipway: gateway ends again and again; the lines above say why');
  expect(await processesNaming(stack.runDir)).toEqual([]);
});

test('an append-only file that Redis refuses ends the house, and nothing is left', async () => {
  const dataDir = await folder();
  const dir = path.join(dataDir, 'redis/appendonlydir');
  await mkdir(dir, { recursive: true });
  await writeFile(path.join(dir, 'appendonly.aof.manifest'), 'file appendonly.aof.1.base.rdb seq 1 type b\n');
  await writeFile(path.join(dir, 'appendonly.aof.1.base.rdb'), 'REDIS0010 but not for long');
  const { code, lines, left, ms } = await launch(root, dataDir);
  expect(code).toBe(1);
  expect(lines).toContain('slipway: redis ends again and again; the lines above say why');
  expect(lines.join('\n')).toMatch(/"level":"fatal".+redis-server ended/);
  expect(left).toEqual([]);
  expect(ms).toBeLessThan(60_000);
});

test('a bad nginx.conf and a missing script each end it at once, with one line', async () => {
  const [house, dataDir] = [await copyOfHouse(), await folder()];
  await writeFile(path.join(house, 'nginx.conf'), 'http { no_such_directive; }');
  const bad = await launch(house, dataDir);
  expect(bad).toMatchObject({
    code: 1,
    lines: [expect.stringMatching(/^slipway: nginx.conf is not valid: .+no_such_/)],
  });
  await rm(path.join(house, 'apps/worker/dist/main.js'));
  const missing = await launch(house, dataDir);
  const line = "slipway: apps/worker/dist/main.js is missing, so worker can't run. Build it: npm run build";
  expect(missing).toMatchObject({ code: 1, lines: [line] });
  expect(Math.max(bad.ms, missing.ms)).toBeLessThan(15_000);
});

test('point 34: an idle house stops in order within 10 s, though somebody follows a job and somebody else waits', async () => {
  const hub = createServer(() => {}); // takes requests and never answers: the job waits for its model
  await once(hub.listen(0, '127.0.0.1'), 'listening');
  cleanUp.push(
    () => hub.closeAllConnections(),
    () => void hub.close(),
  );
  const { port } = hub.address() as AddressInfo;
  const stack = await startStack({ env: { ENGINE: 'transformers', HF_ENDPOINT: `http://127.0.0.1:${port}` } });
  cleanUp.push(stack.remove);
  const { id } = await stack.client.submit('summarize', { text: 'It waits for its model, so it never runs.' });
  const stream = await fetch(`${stack.url}/api/v1/jobs/${id}/events`);
  const followed = stream.text();
  const waiting = fetch(`${stack.url}/api/v1/jobs/${id}?wait=50`);
  const silent = connect(stack.port, '127.0.0.1'); // as a browser connects ahead of need
  cleanUp.push(() => silent.destroy());
  await sleep(500); // the request is under way
  const { code, ms } = await stopped(stack);
  expect(code).toBe(0);
  expect(ms).toBeLessThan(10_000);
  const places = ends(stack);
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  expect(Math.min(...places)).toBeGreaterThan(0);
  expect(stack.output()).not.toContain('a step of the stop took too long');
  await followed; // ended, not cut off
  const answer = await waiting;
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({ id, state: 'queued' });
});

test('point 34: in a job it stops in order within 30 s', async () => {
  const dir = await folder();
  await makeModels(dir, { slow: 1024 }); // about 40 ms a token: longer than the worker may drain
  const env = { MODEL_NAME: 'made/copier', LOCAL_MODEL_PATH: dir, ENGINE: 'transformers' };
  const stack = await startStack({ env });
  cleanUp.push(stack.remove);
  const text = 'The tide turned before noon and the crew waited for the pilot. '.repeat(60);
  const { id } = await stack.client.submit('summarize', { text });
  await expect.poll(async () => (await stack.client.get(id)).state, { timeout: 20_000 }).toBe('running');
  const stopping = stopped(stack);
  // the worker may still finish its job, and nobody can bring another
  await expect.poll(stack.output, { timeout: 20_000 }).toContain('"process":"nginx","msg":"stopped"');
  await expect(fetch(`${stack.url}/api/v1/jobs`, { method: 'POST' })).rejects.toThrow('fetch failed');
  const { code, ms } = await stopping;
  expect(code).toBe(0);
  expect(ms).toBeLessThan(30_000);
  const places = ends(stack);
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  expect(Math.min(...places)).toBeGreaterThan(0);
});
