import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { environmentWith } from '@slipway/config/environment';
import type { Config } from '@slipway/config/load';
import { root } from './folders.ts';
import { servicesFile } from './services.ts';
import { createCrashCounter, endedProcess, worthReading } from './watchdog.ts';

/** Longest ordered stop, in milliseconds: pm2's longest kill_timeout and a little. After it pm2 is killed. */
const stopLimitMs = 65_000;

export interface Supervisor {
  pid: number;
  /** Resolves with the exit code when pm2 has ended, whatever the reason. */
  ended: Promise<number>;
  /** Resolves with the name of a process that ends again and again. */
  crashLoop: Promise<string>;
  /** Stops all processes in order and resolves when they have ended. */
  stop(): Promise<void>;
}

/** Starts pm2-runtime with ecosystem.config.cjs, whose processes get `env` besides ours. */
export function startSupervisor(config: Config, env: Record<string, string>, vitePort: number | undefined): Supervisor {
  const pm2 = createRequire(path.join(root, 'package.json')).resolve('pm2/bin/pm2-runtime');
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const lifeline = path.join(import.meta.dirname, `lifeline.${extension}`);
  const child = spawn(
    process.execPath,
    // --no-auto-exit: its check for exit would send a second signal into a stop of more than 8 s
    ['--import', lifeline, pm2, 'start', 'ecosystem.config.cjs', '--no-auto-exit', '--raw'],
    {
      cwd: root,
      stdio: ['pipe', 'pipe', 'inherit'],
      detached: true, // a Ctrl-C at the terminal reaches only us, and pm2 gets exactly one signal
      env: environmentWith({
        ...env,
        PM2_HOME: path.join(config.runDir, 'pm2'),
        PM2_CONCURRENT_ACTIONS: '1',
        PM2_DISABLE_VERSION_CHECK: 'true',
        SLIPWAY_SERVICES: servicesFile(config.runDir),
        ...(vitePort !== undefined && { SLIPWAY_VITE_PORT: String(vitePort) }),
      }),
    },
  );
  const crashLoop = Promise.withResolvers<string>();
  const isOneTooMany = createCrashCounter();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const name = endedProcess(line);
    if (name !== undefined && isOneTooMany(name, performance.now())) crashLoop.resolve(name);
    if (worthReading(line)) process.stdout.write(`${line}\n`);
  });
  const ended = new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
  return {
    pid: child.pid ?? -1,
    ended,
    crashLoop: crashLoop.promise,
    async stop() {
      child.kill('SIGINT');
      const timer = setTimeout(() => child.kill('SIGKILL'), stopLimitMs);
      await ended;
      clearTimeout(timer);
    },
  };
}
