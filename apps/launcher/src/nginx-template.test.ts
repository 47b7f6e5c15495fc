import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadConfig } from '@slipway/config/load';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
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
  const values = nginxValues({ ...loadConfig({}), runDir: dir, gatewaySocket }, dir, false);
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
