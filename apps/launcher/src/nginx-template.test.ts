import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadConfig } from '@slipway/config/load';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { removeTemporaryFiles } from './nginx-conf.ts';
import { fillTemplate, nginxValues } from './nginx-template.ts';
import { findTool } from './tools.ts';

const dir = mkdtempSync(path.join(tmpdir(), 'slipway-nginx-'));
const front = path.join(dir, 'front.sock');
const gatewaySocket = path.join(dir, 'gateway.sock');

const gateway = createServer(async (req, res) => {
  let length = 0;
  for await (const chunk of req) length += chunk.length;
  res.end(String(length));
});
let connections = 0;
gateway.on('connection', () => (connections += 1));

let nginx: ChildProcess;
let ended: Promise<unknown>;
beforeAll(async () => {
  await once(gateway.listen(gatewaySocket), 'listening');
  const values = nginxValues(
    { ...loadConfig({ MAX_BODY_BYTES: `${1024 ** 3}` }), runDir: dir, gatewaySocket },
    dir,
    false,
  );
  writeFileSync(path.join(dir, 'page.html'), '<!doctype html>');
  const template = readFileSync(path.resolve(import.meta.dirname, '../../../nginx.conf'), 'utf8');
  const file = path.join(dir, 'nginx.conf');
  writeFileSync(file, fillTemplate(template, { ...values, LISTEN: `unix:${front}`, WORKERS: '1' }));
  const args = ['-e', 'stderr', '-p', dir, '-c', file, '-g', 'daemon off;'];
  nginx = spawn(findTool('nginx', 'nginx'), args, { stdio: 'ignore' });
  ended = once(nginx, 'exit');
  await vi.waitFor(() => expect(readdirSync(dir)).toContain('front.sock'), 10_000);
});
afterAll(async () => {
  nginx.kill('SIGTERM');
  await ended;
  gateway.close();
  rmSync(dir, { recursive: true, force: true });
});

/** The bodies that nginx's worker holds in files, as Linux names what is open. */
function openBodies(): string[] {
  const workers = readFileSync(`/proc/${nginx.pid}/task/${nginx.pid}/children`, 'utf8').trim().split(/\s+/);
  const files = workers.flatMap((pid) => readdirSync(`/proc/${pid}/fd`).map((fd) => linkOf(`/proc/${pid}/fd/${fd}`)));
  return files.filter((name) => name.startsWith(path.join(dir, 'nginx-body')));
}

function linkOf(name: string): string {
  try {
    return readlinkSync(name);
  } catch {
    return ''; // closed meanwhile
  }
}

test.skipIf(process.platform !== 'linux')(
  'a slow upload does not hold the gateway; it waits in one file, which has no name',
  async () => {
    const half = Buffer.alloc(512 * 1024);
    const headers = { 'Content-Length': 2 * half.length };
    const upload = request({ socketPath: front, method: 'POST', path: '/api/v1/jobs', headers });
    const answered = once(upload, 'response');
    upload.write(half);
    await expect.poll(openBodies, { timeout: 10_000 }).toEqual([expect.stringMatching(/ \(deleted\)$/)]);
    expect(readdirSync(path.join(dir, 'nginx-body'))).toEqual([]);
    expect(connections).toBe(0);

    upload.end(half);
    const [answer] = await answered;
    expect(String(await answer.toArray())).toBe(String(2 * half.length));
    await expect.poll(openBodies, { timeout: 10_000 }).toEqual([]);
  },
);

async function ask(path: string, method = 'GET', headers: OutgoingHttpHeaders = {}) {
  const [answer] = (await once(
    request({ socketPath: front, agent: false, method, path, headers }).end(),
    'response',
  )) as [IncomingMessage];
  return { status: answer.statusCode, headers: answer.headers, body: String(Buffer.concat(await answer.toArray())) };
}

const asProblem = (code: string, status: number) => ({
  status,
  headers: expect.objectContaining({
    'content-type': 'application/problem+json',
    'x-content-type-options': 'nosniff',
    'x-request-id': expect.stringMatching(/^\w+$/),
  }),
  body: expect.stringMatching(new RegExp(`"status":${status},"code":"${code}"`)),
});

test.each([
  ['a condition that does not hold', '/page.html', 'GET', { 'If-Match': '"other"' }, 'invalid_request', 412],
  ['a method that files do not take', '/page.html', 'DELETE', {}, 'method_not_allowed', 405],
  ['an internal path', '/__problem/500', 'GET', {}, 'not_found', 404],
  ['a long address', `/${'x'.repeat(9_000)}`, 'GET', {}, 'invalid_request', 414],
  ['a large header', '/', 'GET', { 'X-Large': 'x'.repeat(40_000) }, 'invalid_request', 400],
  [
    'an unknown encoding of the transfer',
    '/api/x',
    'POST',
    { 'Transfer-Encoding': 'gzip, chunked' },
    'invalid_request',
    400,
  ],
  ['a body over the limit', '/api/x', 'POST', { 'Content-Length': 2 * 1024 ** 3 }, 'body_too_large', 413],
] as const)('point 21: what nginx answers to %s is a problem', async (_what, name, method, headers, code, status) => {
  const answer = await ask(name, method, headers);
  expect(answer).toEqual(asProblem(code, status));
  expect(JSON.parse(answer.body)).toMatchObject({ type: 'about:blank', requestId: answer.headers['x-request-id'] });
});

test('a request that is none is a problem too', async () => {
  const socket = connect(front).end('NONSENSE\r\n\r\n');
  expect(String(Buffer.concat(await socket.toArray()))).toMatch(/^HTTP\/1.1 400 [\s\S]+"code":"invalid_request"/);
});

test('a range is not looked at: the whole file comes, and never a 416', async () => {
  expect(await ask('/page.html', 'GET', { Range: 'bytes=9999-' })).toMatchObject({
    status: 200,
    body: '<!doctype html>',
  });
});

test('/api goes to the gateway and is not sent on by nginx', async () => {
  expect(await ask('/api')).toMatchObject({ status: 200, body: '0' });
});

test('point 24: a page says what it may load and who may frame it, every answer that its type is its type', async () => {
  const page = await ask('/page.html');
  expect(page.status).toBe(200);
  expect(page.headers['x-content-type-options']).toBe('nosniff');
  expect(page.headers['content-security-policy']).toMatch(
    /^default-src 'none'; script-src 'self';.+frame-ancestors 'none'$/,
  );
  const answer = await ask('/api/v1/tasks');
  expect(answer.headers).toMatchObject({
    'x-content-type-options': 'nosniff',
    'content-security-policy': "frame-ancestors 'none'",
  });
  const ours = "'self' https://huggingface.co https://*.hf.space";
  expect(nginxValues({ ...loadConfig({}), onSpace: true }, dir, false)).toMatchObject({
    FRAME_ANCESTORS: ours,
    SERVICE_FRAME_ANCESTORS: ours,
  });
});

test('point 24: a page of a service may be framed by those of this host, and by no other', async () => {
  expect((await ask('/greeter/')).headers).toMatchObject({
    'x-content-type-options': 'nosniff',
    'content-security-policy': "frame-ancestors 'self'",
  });
});

test('point 23: on a Space nginx waits a minute for an answer, but for those who may open a WebSocket', () => {
  const template = readFileSync(path.resolve(import.meta.dirname, '../../../nginx.conf'), 'utf8');
  const limits = (onSpace: boolean) => {
    const values = nginxValues({ ...loadConfig({}), onSpace }, dir, false);
    const text = fillTemplate(template, values).replace(/location @gateway \{[^}]*\}/, '');
    return [...text.matchAll(/proxy_read_timeout (\d+)s;/g)].map(([, seconds]) => Number(seconds));
  };
  expect(limits(true)).toEqual([60, 60]);
  expect(limits(false)).toEqual([120, 660]);
});

test('large bodies wait for a slot, so what they take of the disk is bounded; small ones do not', async () => {
  expect(nginxValues(loadConfig({}), dir, false)).toMatchObject({ UPLOADS: '128' }); // of 16 MiB each
  // of 1 GiB each, four
  const uploads = [1, 2, 3, 4].map(() =>
    request({ socketPath: front, method: 'POST', path: '/api/x', headers: { 'Content-Length': 200_000 } }),
  );
  for (const upload of uploads) upload.on('error', () => {}).write('x');
  await expect.poll(async () => (await ask('/api/x', 'POST', { 'Transfer-Encoding': 'chunked' })).status).toBe(429);
  const refused = await ask('/api/x', 'POST', { 'Transfer-Encoding': 'chunked' });
  expect(refused).toEqual(asProblem('too_many_uploads', 429));
  expect(refused.headers['retry-after']).toBe('5');
  expect((await ask('/api/x', 'POST', { 'Content-Length': 0 })).status).toBe(200);
  for (const upload of uploads) upload.destroy();
});

test('what an nginx that was killed has left is removed', async () => {
  const runDir = path.join(dir, 'left');
  mkdirSync(path.join(runDir, 'nginx-body'), { recursive: true });
  writeFileSync(path.join(runDir, 'nginx-body/0000000001'), 'half an upload');
  writeFileSync(path.join(runDir, 'nginx.conf'), '');
  removeTemporaryFiles(runDir);
  expect(readdirSync(runDir)).toEqual(['nginx.conf']);
});
