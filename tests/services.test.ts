import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { problemSchema } from '@slipway/contract/problems';
import { readinessSchema } from '@slipway/contract/readiness';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type Stack, startStack } from './stack.ts';

const key = 'alice-and-her-secret-key';
const secrets = { API_KEYS: `alice:${key}`, HF_TOKEN: 'hf_a-secret-of-the-house', MY_SETTING: 'not-named-either' };
/** FastAPI where Debian's packages are or can be brought, as root. */
const hasFastapi = fastapiInstalled() || (installFastapi() && fastapiInstalled());
if (!hasFastapi) console.log('skipped: python3-fastapi and uvicorn are not installed (apt-get install them)');

let stack: Stack;
beforeAll(async () => {
  const names = hasFastapi ? 'echo,fastapi' : 'echo';
  stack = await startStack({ env: { ...secrets, ENGINE: 'extractive', SERVICES: names } });
});
afterAll(() => stack?.remove());

function fastapiInstalled(): boolean {
  return spawnSync('/usr/bin/python3', ['-c', 'import fastapi, uvicorn']).status === 0;
}

function installFastapi(): boolean {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return false;
  const packages = ['python3-fastapi', 'python3-uvicorn'];
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  const apt = (...args: string[]) => spawnSync('apt-get', ['-qq', ...args], options).status === 0;
  const install = () => apt('install', '-y', '--no-install-recommends', ...packages);
  return install() || (apt('update') && install());
}

const withKey = { headers: { 'X-API-Key': key } };

/** What /readyz says of each service: `service echo ok`. */
async function states(): Promise<string[]> {
  const { parts } = readinessSchema.parse(await (await fetch(`${stack.url}/readyz`)).json());
  return parts.filter(({ name }) => name.startsWith('service ')).map(({ name, state }) => `${name} ${state}`);
}

async function echo(protocols: string[], headers: Record<string, string> = {}): Promise<string> {
  const socket = new WebSocket(`${stack.url.replace('http', 'ws')}/echo/live`, protocols, { headers });
  await once(socket, 'open');
  socket.send('hello');
  const [message] = await once(socket, 'message');
  socket.close();
  await once(socket, 'close');
  return String(message);
}

/** The process that a service runs as, a child of the one that pm2 knows. */
async function pidOf(name: string): Promise<number> {
  return Number(await readFile(path.join(stack.runDir, `service-${name}.pid`), 'utf8'));
}

test('/readyz names the services', async () => {
  const all = ['service echo ok', ...(hasFastapi ? ['service fastapi ok'] : [])];
  await expect.poll(states, { timeout: 30_000 }).toEqual(all); // Python takes a second to start
});

test('the echo answers by WebSocket to who has a key, by header or, as in a browser, by subprotocol', async () => {
  expect(await echo([], { 'X-API-Key': key })).toBe('hello');
  expect(await echo([], { Authorization: `Bearer ${key}` })).toBe('hello');
  expect(await echo(['slipway', `slipway-key.${encodeURIComponent(key)}`])).toBe('hello');
  await expect(echo([])).rejects.toThrow('401');
  await expect(echo(['slipway', 'slipway-key.wrong'])).rejects.toThrow('401');
});

test('the echo learns who asks from us alone, and only with a key', async () => {
  const headers = { ...withKey.headers, 'X-Slipway-Owner': 'mallory', X_Slipway_Owner: 'mallory' };
  const answer = await fetch(`${stack.url}/echo/x?y=z`, { headers });
  expect(await answer.json()).toEqual({ service: 'echo', path: '/x?y=z', owner: 'alice' });
  const refused = await fetch(`${stack.url}/echo/x`);
  expect(problemSchema.parse(await refused.json())).toMatchObject({ status: 401, code: 'unauthorized' });
});

test('dots do not lead out of a service', async () => {
  for (const dots of ['/echo/..%2fhealthz', '/echo/..%2fapi/v1/jobs', '/echo/%252e%252e/api']) {
    const answer = await fetch(`${stack.url}${dots}`, withKey);
    expect([dots, answer.status]).toEqual([dots, 400]);
  }
});

test('a service gets no secret', async () => {
  const environment = await readFile(`/proc/${await pidOf('echo')}/environ`, 'utf8');
  expect(environment).toContain('PORT=');
  expect(environment).not.toMatch(/secret|API_KEYS|HF_TOKEN|MY_SETTING/);
});

test.skipIf(!hasFastapi)('FastAPI answers at / and /analyze, and shows its own page of documentation', async () => {
  const url = `${stack.url}/fastapi`;
  expect(await (await fetch(`${url}/`)).json()).toEqual({ status: 'ok' });
  expect(await (await fetch(url)).json()).toEqual({ status: 'ok' });
  const answer = await fetch(`${url}/analyze?text=${encodeURIComponent('I love it')}`, { method: 'POST' });
  expect(await answer.json()).toEqual({ sentiment: 'POSITIVE', score: 2 / 3 });
  expect((await fetch(`${url}/analyze`, { method: 'POST' })).status).toBe(422);
  const redirected = await fetch(`${url}/analyze/?text=bad`, { method: 'POST', redirect: 'manual' });
  expect(redirected.headers.get('location')).toBe('/fastapi/analyze?text=bad');
  expect(await (await fetch(`${url}/docs`)).text()).toContain("url: '/fastapi/openapi.json'");
});

const answersAnew = (before: number) =>
  expect
    .poll(async () => (await fetch(`${stack.url}/echo/`, withKey)).status === 200 && (await pidOf('echo')) !== before, {
      timeout: 20_000,
    })
    .toBe(true);

test('a service that dies is a problem, then it is back', async () => {
  const pid = await pidOf('echo');
  const keeper = await stack.pid('service-echo');
  process.kill(keeper, 'SIGSTOP'); // it must not be back before we have looked
  process.kill(pid, 'SIGKILL');
  await expect.poll(async () => (await fetch(`${stack.url}/echo/`, withKey)).status, { timeout: 10_000 }).toBe(502);
  const answer = await fetch(`${stack.url}/echo/`, withKey);
  expect(problemSchema.parse(await answer.json())).toMatchObject({ status: 502, code: 'upstream_unavailable' });
  await expect.poll(states, { timeout: 10_000 }).toContain('service echo down');
  expect((await fetch(`${stack.url}/readyz`)).status).toBe(200); // jobs run all the same
  process.kill(keeper, 'SIGCONT');
  await answersAnew(pid);
});

test('when the process that keeps a service is killed, its successor ends what was left on the port', async () => {
  const pid = await pidOf('echo');
  process.kill(await stack.pid('service-echo'), 'SIGKILL');
  await answersAnew(pid);
  // it may be left for its new parent to bury, but it runs no more
  expect(await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).toBe('');
});

test('an end of the house ends its services, with open WebSockets too', async () => {
  const socket = new WebSocket(`${stack.url.replace('http', 'ws')}/echo`, { headers: withKey.headers });
  await once(socket, 'open');
  const pids = await Promise.all((hasFastapi ? ['echo', 'fastapi'] : ['echo']).map(pidOf));
  const closed = once(socket, 'close');
  expect(await stack.stop()).toBe(0);
  await closed;
  for (const pid of pids) expect(existsSync(`/proc/${pid}`)).toBe(false);
});
