import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

/** A real redis-server on a Unix socket in a folder of its own. */
export interface RedisServer {
  url: string;
  process: ChildProcess;
  /** Ends the process at once and keeps the data. */
  kill(): Promise<void>;
  /** Starts it anew on the same data. */
  start(): Promise<void>;
  /** Ends it and removes everything. */
  remove(): Promise<void>;
}

export async function createRedis(): Promise<RedisServer> {
  const dir = await mkdtemp(path.join(tmpdir(), 'slipway-redis-'));
  const socket = path.join(dir, 'redis.sock');
  const server: RedisServer = {
    url: `unix://${socket}`,
    process: await startProcess(dir, socket),
    async kill() {
      if (server.process.exitCode !== null || server.process.signalCode !== null) return;
      const ended = once(server.process, 'exit');
      server.process.kill('SIGKILL');
      await ended;
    },
    async start() {
      server.process = await startProcess(dir, socket);
    },
    async remove() {
      await server.kill();
      await rm(dir, { recursive: true, force: true });
    },
  };
  return server;
}

async function startProcess(dir: string, socket: string): Promise<ChildProcess> {
  const settings = {
    port: '0',
    unixsocket: socket,
    dir,
    appendonly: 'yes',
    save: '',
    'maxmemory-policy': 'noeviction',
  };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  const child = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout }))
    if (/ready to accept connections/i.test(line)) {
      child.stdout.resume(); // a full pipe would stop the server
      return child;
    }
  throw new Error('redis-server ended before it was ready');
}
