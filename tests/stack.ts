import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, createClient } from '@slipway/client/client';
import { makeModels } from '@slipway/models/make';

export const root = path.resolve(import.meta.dirname, '..');

/** The whole house as `npm start` runs it, on a free port, with folders of its own. */
export interface Stack {
  url: string;
  port: number;
  client: Client;
  runDir: string;
  /** Everything printed so far. */
  output: () => string;
  /** Milliseconds from the start of the launcher to the first 200 of `GET /`. */
  firstAnswerMs: number;
  /** The pid of a process that pm2 supervises, as it is now. */
  pid: (name: 'redis' | 'worker' | 'courier' | 'gateway' | 'nginx' | `service-${string}`) => Promise<number>;
  /** The pid of pm2-runtime. */
  supervisorPid: () => Promise<number>;
  /** Sends the launcher a signal. */
  kill: (signal: NodeJS.Signals) => void;
  /** Resolves with the launcher's exit code. */
  ended: Promise<number | null>;
  /** Ctrl-C; resolves with the exit code. */
  stop: () => Promise<number | null>;
  /** Stops it if it runs, and removes its folders. */
  remove: () => Promise<void>;
}

export interface StackOptions {
  env?: Record<string, string>;
  /** Makes a model for each task and has it served; the larger `slow`, the longer the copier takes for a token. */
  models?: { slow?: number };
  /** Runs the sources with reload, as `npm run dev`. */
  dev?: boolean;
  /** Another checkout than this one, built. */
  checkout?: string;
}

/** Starts it and waits until it has said its word of welcome. */
export async function startStack({
  env = {},
  models,
  dev = false,
  checkout = root,
}: StackOptions = {}): Promise<Stack> {
  const home = await mkdtemp(path.join(tmpdir(), 'slipway-stack-'));
  const made = path.join(home, 'models');
  if (models) await makeModels(made, models);
  const port = await freePort();
  const entry = dev ? ['apps/launcher/src/main.ts', '--dev'] : ['apps/launcher/dist/main.js'];
  const startedAt = performance.now();
  const launcher = spawn(process.execPath, entry, {
    cwd: checkout,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      HOME: home,
      PORT: String(port),
      DATA_DIR: path.join(home, 'data'),
      // no hub is reachable in a test, and none is to be asked
      HF_ENDPOINT: `http://127.0.0.1:${await freePort()}`,
      ...(models && { LOCAL_MODEL_PATH: made, ...madeModels }),
      ...env,
    },
  });
  const lines: string[] = [];
  const collect = (stream: NonNullable<ChildProcess['stdout']>) =>
    createInterface({ input: stream }).on('line', (line) => lines.push(line));
  if (launcher.stdout) collect(launcher.stdout);
  if (launcher.stderr) collect(launcher.stderr);
  const output = () => lines.join('\n');
  const ended = once(launcher, 'exit').then(([code]) => code as number | null);

  const url = `http://127.0.0.1:${port}`;
  const runDir = path.join(tmpdir(), `slipway-${userInfo().uid}-${port}`);
  const over = ended.then(() => Promise.reject(new Error(`the stack ended before it was up:\n${output()}`)));
  over.catch(() => {});
  await Promise.race([answers(url), over]);
  const firstAnswerMs = performance.now() - startedAt;
  await Promise.race([printed(output, 'Slipway is up'), over]);

  async function stop(): Promise<number | null> {
    if (launcher.exitCode === null && launcher.signalCode === null) launcher.kill('SIGINT');
    return ended;
  }

  return {
    url,
    port,
    client: createClient({ baseUrl: url }),
    runDir,
    output,
    firstAnswerMs,
    pid: async (name) => {
      const folder = path.join(runDir, 'pm2', 'pids');
      const file = (await readdir(folder)).find((entry) => entry.startsWith(`${name}-`));
      if (!file) throw new Error(`pm2 runs no ${name}`);
      return Number(await readFile(path.join(folder, file), 'utf8'));
    },
    supervisorPid: async () => {
      const [pid] = await childrenOf(launcher.pid ?? 0);
      if (pid === undefined) throw new Error('pm2 does not run');
      return pid;
    },
    kill: (signal) => void launcher.kill(signal),
    ended,
    stop,
    async remove() {
      await stop();
      await rm(home, { recursive: true, force: true });
      await rm(runDir, { recursive: true, force: true });
    },
  };
}

const madeModels = {
  SUMMARIZE_MODEL: 'made/copier',
  CLASSIFY_TEXT_MODEL: 'made/lexicon',
  CLASSIFY_IMAGE_MODEL: 'made/colours',
  CHAT_MODEL: 'made/echo',
};

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}

async function answers(url: string): Promise<void> {
  while (
    !(await fetch(url).then(
      (response) => response.ok,
      () => false,
    ))
  )
    await sleep(25);
}

async function printed(output: () => string, text: string): Promise<void> {
  while (!output().includes(text)) await sleep(25);
}

/** Command lines of the processes that name any of the words, for "nothing is left running". */
export async function processesNaming(...words: string[]): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry));
  const commands = await Promise.all(
    pids.map((pid) =>
      readFile(`/proc/${pid}/cmdline`, 'utf8').then(
        (text) => text.replaceAll('\0', ' '),
        () => '',
      ),
    ),
  );
  return commands.filter((command) => words.some((word) => command.includes(word)));
}

/** The pids of the processes that a process started. */
export async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean).map(Number);
}
