import { once } from 'node:events';
import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, createClient } from '@slipway/client/client';
import { inject } from 'vitest';
import { freePort } from '../stack.ts';
import { createPodman } from './podman.ts';

/** The run directory inside, of the port 7860. */
export const runDir = '/tmp/slipway-1000-7860';

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface Container {
  id: string;
  port: number;
  url: string;
  client: Client;
  /** Runs a command inside and gives what it prints. */
  exec: (...command: string[]) => Promise<string>;
  sh: (script: string) => Promise<string>;
  logs: () => Promise<string>;
  /** A request with any header, Host too. */
  ask: (path: string, options?: { method?: string; headers?: OutgoingHttpHeaders; body?: string }) => Promise<Answer>;
  /** The pid, inside, of a process that pm2 supervises. */
  pid: (name: string) => Promise<number>;
  /** Resolves with the exit code. */
  ended: () => Promise<number>;
}

export interface StartOptions {
  /** Until it answers, or has said its word of welcome. */
  until?: 'answers' | 'up';
  /** On the network of this machine, so that it reaches servers on its loopback. */
  hostNetwork?: boolean;
}

/** Containers of the image that the tests share. */
export function createContainers() {
  const podman = createPodman();
  const image = inject('image');
  const started: string[] = [];

  async function start(args: string[] = [], { until = 'up', hostNetwork = false }: StartOptions = {}) {
    const port = await freePort();
    const network = hostNetwork
      ? ['--network', 'host', '-e', `PORT=${port}`]
      : ['-p', `127.0.0.1:${port}:7860`, '--network', 'bridge'];
    const id = await podman('run', '--detach', ...network, ...args, image);
    started.push(id);
    const container = open(id, port);
    const ready = until === 'up' ? () => isUp(container) : () => answers(container.url);
    while (!(await ready())) {
      const state = await podman('inspect', '--format', '{{.State.Status}}', id);
      if (state !== 'running') throw new Error(`the container is ${state}:\n${await container.logs()}`);
      await sleep(until === 'up' ? 200 : 25);
    }
    return container;
  }

  function open(id: string, port: number): Container {
    const url = `http://127.0.0.1:${port}`;
    const exec = (...command: string[]) => podman('exec', id, ...command);
    const sh = (script: string) => exec('sh', '-c', script);
    return {
      id,
      port,
      url,
      client: createClient({ baseUrl: url }),
      exec,
      sh,
      logs: () => podman('logs', id),
      async ask(path, { method = 'GET', headers = {}, body } = {}) {
        const asked = request({ host: '127.0.0.1', port, agent: false, method, path, headers }).end(body);
        const [answer] = await once(asked, 'response');
        const text = String(Buffer.concat(await answer.toArray()));
        return { status: answer.statusCode, headers: answer.headers, body: text };
      },
      pid: async (name) => Number(await sh(`cat /tmp/slipway-1000-*/pm2/pids/${name}-*.pid`)),
      ended: async () => Number(await podman('wait', id)),
    };
  }

  const remove = async (id: string) => void (await podman('rm', '--force', '--time', '0', '--volumes', id));
  const removeAll = async () => void (await Promise.all(started.splice(0).map(remove)));
  return { podman, image, start, remove, removeAll };
}

export const answers = (url: string) =>
  fetch(url).then(
    (answer) => answer.ok,
    () => false,
  );

/** Resolves when it has said its word of welcome. */
export async function untilUp(container: Container): Promise<void> {
  while (!(await isUp(container))) await sleep(200);
}

const isUp = async ({ logs }: Container) => (await logs()).includes('Slipway is up');
