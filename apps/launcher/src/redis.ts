/**
 * Under pm2: runs our own redis-server. pm2 stops all processes at once; this one waits until nobody uses Redis any
 * more, so that a worker that still finishes a job can write its result. It works in the data folder; where that is a
 * bucket, on the local disk, and snapshots go to the bucket.
 */
import { execFile, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { readDataFolder } from '@slipway/config/data-folder';
import { loadConfig } from '@slipway/config/load';
import { markAlive } from '@slipway/runtime/alive';
import { createLog } from '@slipway/runtime/log';
import { tellReady } from '@slipway/runtime/ready';
import { stopOnSignal } from '@slipway/runtime/stop';
import { redisArguments } from './redis-arguments.ts';
import { openBucket, snapshotEveryMs } from './redis-bucket.ts';
import { findTool } from './tools.ts';

/** Longest wait for the last client, in milliseconds: a little less than pm2's kill_timeout. */
const lastClientMs = 25_000;

const config = loadConfig();
const log = createLog('redis', config.logLevel);
const cli = findTool('redis-cli', 'redis-server');
const run = promisify(execFile);
const redisCli = (...args: string[]) => run(cli, ['-s', config.redisSocket, ...args], { timeout: 5_000 });

// A redis-server whose wrapper was killed still owns socket and data; two on one data folder would destroy it.
await redisCli('shutdown').catch(() => {});

const data = readDataFolder(config.runDir);
const inBucket = data?.kind === 'bucket';
const dir = path.join(inBucket ? config.runDir : (config.dataDir ?? config.runDir), 'redis');
mkdirSync(dir, { recursive: true });
const bucket = inBucket ? openBucket({ runDir: config.runDir, data, redisDir: dir, redisCli, log }) : undefined;
await bucket?.restore();
const server = spawn(findTool('redis-server', 'redis-server'), redisArguments(config, dir), {
  stdio: ['ignore', 'pipe', 'inherit'],
  detached: true, // a Ctrl-C at the terminal is for the launcher alone
});
let stopping = false;
let ready = false;
// before it is ready too: a stop during the start must not leave the server behind
stopOnSignal(log, [
  // who gives only a few seconds has at least what was there at the signal
  {
    name: 'last client',
    run: () => ready && Promise.all([bucket?.snapshot(), lastClientGone()]),
    limitMs: lastClientMs,
  },
  { name: 'redis-server', run: stopServer, limitMs: 5_000 },
  { name: 'last snapshot', run: () => ready && bucket?.last(), limitMs: 10_000 },
]);
server.once('error', (err) => fail(err.message));
server.once('exit', (code, signal) => {
  if (!stopping) fail(`redis-server ended (${signal ?? `code ${code}`})`);
});

// Redis prints its greetings with the mark of a warning, so its own marks do not tell what matters
const worthReading = /warning|error|fail|corrupt|bad |can't|unable|fatal|misconf|oom/i;
for await (const line of createInterface({ input: server.stdout })) {
  const text = line.replace(/^\d+:\w \d+ \w+ \d+ [\d:.]+ . /, '');
  if (worthReading.test(text)) log.warn(text);
  else log.debug(text);
  if (/ready to accept connections/i.test(text)) onReady();
}

function onReady(): void {
  ready = true;
  markAlive(config.runDir, 'redis');
  if (bucket) setInterval(() => void bucket.snapshot(), snapshotEveryMs);
  tellReady();
  log.info({ dir }, 'redis-server runs');
}

async function lastClientGone(): Promise<void> {
  for (;;) {
    const { stdout } = await redisCli('client', 'list', 'type', 'normal');
    const others = stdout.split('\n').filter((line) => line !== '' && !line.includes('cmd=client'));
    if (others.length === 0) return;
    await sleep(50);
  }
}

/** SIGTERM makes Redis write what is not on the disk yet. */
function stopServer(): Promise<void> {
  stopping = true;
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  server.kill('SIGTERM');
  return ended;
}

function fail(reason: string): never {
  log.fatal(reason);
  process.exit(1);
}
