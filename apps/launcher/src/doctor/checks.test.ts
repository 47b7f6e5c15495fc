import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { writeDataFolder } from '@slipway/config/data-folder';
import { loadConfig } from '@slipway/config/load';
import { afterEach, expect, test } from 'vitest';
import { findTool } from '../tools.ts';
import { openWaitingDoor } from '../waiting-door.ts';
import { asText, ofShell } from './examine.ts';
import { checkHouse } from './house.ts';
import { checkMachine } from './machine.ts';
import { checkArchive, checkFreePort, checkHub } from './network.ts';
import { checkPlaces } from './places.ts';
import { checkRedis } from './redis.ts';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

function folder(): string {
  const dir = mkdtempSync(path.join(tmpdir(), 'slipway-doctor-'));
  cleanUp.push(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** A redis-server on a port of loopback, as an operator may have one elsewhere. */
async function redisServer(...settings: string[]): Promise<number> {
  const free = createServer().listen(0, '127.0.0.1');
  await once(free, 'listening');
  const { port } = free.address() as AddressInfo;
  free.close();
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder(), '--save', '', ...settings];
  const server = spawn(findTool('redis-server', 'redis-server'), args, { stdio: ['ignore', 'pipe', 'inherit'] });
  cleanUp.push(async () => {
    const ended = once(server, 'exit');
    server.kill('SIGKILL');
    await ended;
  });
  for await (const line of createInterface({ input: server.stdout })) if (/ready to accept/i.test(line)) break;
  return port;
}
const redis = (REDIS_URL: string) => checkRedis(loadConfig({ REDIS_URL }), false);
const statesOf = (checks: { name: string; state: string }[]) => checks.map(({ name, state }) => `${name}: ${state}`);

test('a Redis elsewhere: the password opens it and is shown nowhere; what a queue needs of it is told', async () => {
  const port = await redisServer('--requirepass', 's3cret', '--maxmemory', '64mb', '--maxmemory-policy', 'allkeys-lru');
  const checks = await redis(`redis://:s3cret@127.0.0.1:${port}`);
  expect(statesOf(checks)).toEqual(['redis: ok', 'redis memory: fail', 'redis persistence: warn']);
  const refused = await redis(`redis://:wr0ng@127.0.0.1:${port}`);
  expect(refused).toMatchObject([{ state: 'fail', detail: 'REDIS_URL does not answer (refused: NOAUTH)' }]);
  expect(JSON.stringify([checks, refused])).not.toMatch(/s3cret|wr0ng/);
});

test('a Redis that keeps everything is well; one that is away is to be mended', async () => {
  const port = await redisServer('--appendonly', 'yes');
  expect(statesOf(await redis(`redis://127.0.0.1:${port}`))).toEqual([
    'redis: ok',
    'redis memory: ok',
    'redis persistence: ok',
  ]);
  expect(await redis(`unix://${folder()}/none.sock`)).toMatchObject([
    { state: 'fail', detail: expect.stringContaining('no connection') },
  ]);
});

test('a hub that answers anything can be reached; one that does not is told with its reason', async () => {
  const hub = createServer((_request, response) => response.writeHead(403).end()).listen(0, '127.0.0.1');
  await once(hub, 'listening');
  const HF_ENDPOINT = `http://127.0.0.1:${(hub.address() as AddressInfo).port}`;
  expect(await checkHub(loadConfig({ HF_ENDPOINT }))).toMatchObject({
    state: 'ok',
    detail: expect.stringContaining('403'),
  });
  hub.closeAllConnections();
  hub.close();
  await once(hub, 'close');
  expect(await checkHub(loadConfig({ HF_ENDPOINT }))).toMatchObject({
    state: 'warn',
    detail: expect.stringContaining('ECONNREFUSED'),
  });
  expect(await checkHub(loadConfig({ HF_ENDPOINT, HF_HUB_OFFLINE: '1' }))).toMatchObject({ state: 'ok' });
});

test('a port that somebody else has is to be mended', async () => {
  const other = createServer().listen(0, '0.0.0.0');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const config = loadConfig({ PORT: String(port) });
  expect(await checkFreePort(config)).toMatchObject({ state: 'fail', advice: expect.stringContaining('PORT') });
  other.close();
  await once(other, 'close');
  expect(await checkFreePort(config)).toMatchObject({ state: 'ok' });
});

test('an archive that cannot be is told before the start', () => {
  const archive = (env: Record<string, string>) => checkArchive(loadConfig({ HF_DATASET_REPO: 'ann/jobs', ...env }));
  expect(archive({})).toMatchObject([{ state: 'warn', advice: expect.stringContaining('Set HF_TOKEN') }]);
  expect(archive({ HF_TOKEN: 'hf_x', HF_HUB_OFFLINE: '1' })).toMatchObject([{ state: 'warn' }]);
  expect(archive({ HF_TOKEN: 'hf_x' })).toMatchObject([{ state: 'ok' }]);
  expect(archive({ HF_DATASET_REPO: '' })).toEqual([]);
});

test('a part that is ill names the log that there is', async () => {
  const parts = ['queue', 'workers', 'archive', 'service bad'].map((name) => ({ name, state: 'down', reason: 'x' }));
  const house = createServer((_request, response) => {
    response.writeHead(503, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ ready: false, parts, tasks: {} }));
  }).listen(0, '127.0.0.1');
  await once(house, 'listening');
  cleanUp.push(() => house.closeAllConnections(), house.close.bind(house));
  const checks = await checkHouse({ ...loadConfig({}), port: (house.address() as AddressInfo).port });
  expect(checks.slice(2).map(({ advice }) => advice)).toEqual(
    ['redis', 'worker', 'courier', 'service-bad'].map((log) => expect.stringContaining(`The log of ${log} says more`)),
  );
  expect(checks.find(({ name }) => name === 'archive')?.advice).toContain('HF_TOKEN');
});

test('of a house that waits for the data of another one it says so', async () => {
  const free = createServer().listen(0, '127.0.0.1');
  await once(free, 'listening');
  const { port } = free.address() as AddressInfo;
  free.close();
  const door = await openWaitingDoor(port, '127.0.0.1');
  cleanUp.push(door.close);
  const checks = await checkHouse({ ...loadConfig({}), port });
  expect(checks).toMatchObject([{ state: 'fail', detail: expect.stringContaining('waits for another instance') }]);
});

test('beside a running instance, what comes of our own variables says so', () => {
  const told = ['configuration', 'models', 'hub', 'data'].map(
    (name) => ofShell({ name, state: 'ok', detail: 'x' }).detail,
  );
  expect(told).toEqual(['of this shell: x', 'of this shell: x', 'of this shell: x', 'x']);
});

test('root and little memory are worth a word', () => {
  const small = { ...loadConfig({}), memory: 1024 ** 3 };
  expect(statesOf(checkMachine(small, 0))).toEqual(['user: warn', 'limits: warn', 'programs: ok']);
  expect(statesOf(checkMachine({ ...small, memory: 16 * 1024 ** 3 }, 1000)).slice(0, 2)).toEqual([
    'user: ok',
    'limits: ok',
  ]);
});

test('folders: what a start would find, without making any', () => {
  const dir = folder();
  const env = { DATA_DIR: path.join(dir, 'data'), HF_HOME: path.join(dir, 'hf') };
  const config = { ...loadConfig({ ...env, DATA_KIND: 'disk' }), runDir: path.join(dir, 'run') };
  expect(statesOf(checkPlaces(config, false, false))).toEqual(['run folder: ok', 'data: ok', 'models: ok']);
  expect(['data', 'hf', 'run'].filter((name) => existsSync(path.join(dir, name)))).toEqual([]);
  const lost = { ...config, dataDir: path.join(dir, 'file/data'), modelCacheDir: path.join(dir, 'file/models') };
  writeFileSync(path.join(dir, 'file'), '');
  expect(statesOf(checkPlaces(lost, false, false))).toEqual(['run folder: ok', 'data: warn', 'models: warn']);
});

test.skipIf(!existsSync('/proc/self'))('where no folder can be made none is well, and no disk is full', () => {
  const nowhere = { DATA_DIR: '/proc/nope', HF_HOME: '/proc/nope' };
  const [, data, models] = checkPlaces({ ...loadConfig(nowhere), runDir: path.join(folder(), 'run') }, false, false);
  expect(data).toMatchObject({ state: 'warn', detail: expect.stringContaining('/proc/nope cannot be written') });
  expect(models).toMatchObject({ state: 'fail', advice: expect.stringContaining('HF_HOME') }); // a start ends there
});

test('where data goes with the machine a dataset is offered too, and with a working one all is well', () => {
  const runDir = folder();
  const reason = 'lies in a layer of the container';
  writeDataFolder(runDir, { kind: 'ephemeral', dir: '/data', wanted: '/data', reason });
  const data = (archived: boolean) => checkPlaces({ ...loadConfig({}), runDir }, true, archived)[1];
  expect(data(false)).toMatchObject({ state: 'warn', advice: expect.stringContaining('HF_DATASET_REPO') });
  expect(data(true)).toMatchObject({ state: 'ok', detail: expect.stringContaining('come back from the archive') });
});

test('of a running instance the data folder is told as the launcher found it', () => {
  const runDir = folder();
  const data = { kind: 'bucket', dir: '/data', wanted: '/data', reason: 'is a mounted bucket' } as const;
  writeDataFolder(runDir, { ...data, snapshot: { at: null, fault: 'ENOSPC' } });
  const checks = checkPlaces({ ...loadConfig({}), runDir }, true, false);
  expect(checks[1]).toMatchObject({ name: 'data', state: 'warn', detail: expect.stringContaining('ENOSPC') });
});

test('for people: a line a check, and what to do below it', () => {
  const checks = [
    { name: 'port', state: 'ok', detail: 'free' },
    { name: 'programs', state: 'fail', detail: 'no nginx', advice: 'Install it' },
  ] as const;
  expect(asText({ ok: false, running: false, checks: [...checks] }).split('\n')).toEqual([
    'ok    port      free',
    'fail  programs  no nginx',
    '                → Install it',
    '',
    'No instance runs. 1 ok, 0 to know, 1 to mend.',
  ]);
});
