import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { readIfThere } from '@slipway/config/read-if-there';
import { socketAnswers } from './port.ts';
import { signalGroup } from './process-group.ts';
import { findTool } from './tools.ts';

/** How long a killed process may take to be gone, in milliseconds. */
const killedMs = 5_000;

export const redisPidFile = (runDir: string) => path.join(runDir, 'redis.pid');

/** Starts redis-server and notes its pid at once: whoever comes after a wrapper that was killed can end it. */
export function startServer(args: string[], pidFile: string): ChildProcessByStdio<null, Readable, null> {
  const server = spawn(findTool('redis-server', 'redis-server'), args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true, // a Ctrl-C at the terminal is for the launcher alone; and its children that save end with it
  });
  if (server.pid) writeFileSync(pidFile, String(server.pid));
  return server;
}

/**
 * Ends a redis-server whose wrapper was killed, also one that hangs: two on one append-only file would destroy it. What it
 * has said yes to is in that file. Throws where it can't be ended.
 */
export async function endPredecessor(pidFile: string, socket: string): Promise<void> {
  const pid = Number(readIfThere(pidFile));
  const lives = () => pid > 0 && readIfThere(`/proc/${pid}/cmdline`)?.includes(socket) === true;
  if (lives()) signalGroup(pid, 'SIGKILL');
  const end = performance.now() + killedMs;
  while (lives() && performance.now() < end) await sleep(20);
  if (lives() || (await socketAnswers(socket)))
    throw new Error(
      `a redis-server from before still runs and can't be ended (pid ${pid || 'unknown'}): end it by hand`,
    );
}

/** Whether the server says anything on its socket within the time; while it loads its data it says that. */
export function redisAnswers(socket: string, limitMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = connect(socket, () => connection.write('PING\r\n'));
    const done = (answered: boolean) => {
      clearTimeout(timer);
      connection.destroy();
      resolve(answered);
    };
    const timer = setTimeout(() => done(false), limitMs);
    connection.once('data', () => done(true));
    connection.once('error', () => done(false));
    connection.once('close', () => done(false));
  });
}
