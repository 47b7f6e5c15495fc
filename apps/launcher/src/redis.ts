/**
 * Under pm2: runs our own redis-server. pm2 stops all processes at once; this one waits until nobody uses Redis any
 * more, so that a worker that still finishes a job can write its result. It works in the data folder; where that is a
 * bucket, on the local disk, and snapshots go to the bucket.
 */
import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { readDataFolder } from '@slipway/config/data-folder';
import { loadConfig } from '@slipway/config/load';
import { markAlive, untilGone } from '@slipway/runtime/alive';
import { createLog } from '@slipway/runtime/log';
import { dataIsLost } from '@slipway/runtime/lost';
import { tellReady } from '@slipway/runtime/ready';
import { stopOnSignal } from '@slipway/runtime/stop';
import { signalGroup } from './process-group.ts';
import { redisArguments } from './redis-arguments.ts';
import { openBucket } from './redis-bucket.ts';
import { endPredecessor, redisAnswers, redisPidFile, startServer } from './redis-server.ts';
import { findTool } from './tools.ts';
import { doorIsDead } from './watchdog.ts';

/** Who uses Redis, and is waited for at a stop. */
const others = ['nginx', 'gateway', 'worker', 'courier'];
/** Longest wait for them, in milliseconds; with the steps after it less than pm2's kill_timeout of this process. */
const othersMs = 25_000;
/** How long redis-server may take to end, in milliseconds: for a bucket it writes all of its data first. */
const endMs = { disk: 5_000, bucket: 15_000 };
/** How much a crash of the machine may cost where the data folder is a bucket; only a test gives another time. */
const copyEveryMs = Number(process.argv[2] ?? 5 * 60_000);
/** A server that has not answered so often, so far apart, is killed, so that it is started anew. */
const pulse = { everyMs: 5_000, misses: 6 };

const config = loadConfig();
const log = createLog('redis', config.logLevel);
const cli = findTool('redis-cli', 'redis-server');
const run = promisify(execFile);
const redisCli = (...args: string[]) => run(cli, ['-s', config.redisSocket, ...args], { timeout: 5_000 });

const pidFile = redisPidFile(config.runDir);
await redisCli('shutdown', 'nosave').catch(() => {}); // whoever hangs or refuses is ended by its pid
await endPredecessor(pidFile, config.redisSocket).catch((error: Error) => fail(error.message));

const data = readDataFolder(config.runDir);
const inBucket = data?.kind === 'bucket';
const dir = path.join(inBucket ? config.runDir : (config.dataDir ?? config.runDir), 'redis');
mkdirSync(dir, { recursive: true });
const bucket = inBucket ? openBucket({ runDir: config.runDir, data, redisDir: dir, redisCli, log }) : undefined;
await bucket?.restore().catch((error: Error) => fail(error.message));
const server = startServer(redisArguments(config, dir), pidFile);
let stopping = false;
let ready = false;
const ended = new Promise<string>((resolve) =>
  server.once('exit', (code, signal) => resolve(signal ?? `code ${code}`)),
);
server.once('error', (err) => fail(err.message));
void ended.then((how) => {
  if (!stopping) fail(`redis-server ended (${how})`);
});
// before it is ready too: a stop during the start must not leave the server behind
stopOnSignal(log, [
  { name: 'others', run: waitForOthers, limitMs: othersMs },
  { name: 'redis-server', run: stopServer, limitMs: inBucket ? endMs.bucket : endMs.disk },
  { name: 'redis-server by force', run: killServer },
  { name: 'last snapshot', run: lastSnapshot, limitMs: 10_000 },
]);
void doorIsDead({ ask: () => redisAnswers(config.redisSocket, pulse.everyMs), ...pulse }).then(() => {
  log.error('redis-server hangs: killed, it starts again');
  return killServer();
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
  void bucket?.copyNowAndThen(copyEveryMs);
  tellReady();
  log.info({ dir }, 'redis-server runs');
}

/** Who gives us only a few seconds has at least what was there at the signal. */
async function waitForOthers(): Promise<void> {
  if (dataIsLost(config.runDir)) return;
  await Promise.all([ready && bucket?.snapshot(), ...others.map((name) => untilGone(config.runDir, name))]);
}

/**
 * For a bucket SIGTERM makes Redis write a last snapshot. On a disk all is in the append-only file; a snapshot would take
 * its time, and a full disk, where it can't be written, would keep Redis from ending at all.
 */
async function stopServer(): Promise<void> {
  stopping = true;
  if (dataIsLost(config.runDir)) {
    log.warn('another instance has the data: Redis ends at once, and no snapshot of it is kept');
    return killServer(); // what it still wrote would go into the other one's append-only file
  }
  if (inBucket) server.kill('SIGTERM');
  else await redisCli('shutdown', 'nosave').catch(() => server.kill('SIGTERM'));
  await ended;
}

/** What was said yes to is in the append-only file. One that is left behind would write on, beside the next one. */
async function killServer(): Promise<void> {
  signalGroup(server.pid, 'SIGKILL');
  await ended;
}

async function lastSnapshot(): Promise<void> {
  if (!ready || !bucket || dataIsLost(config.runDir)) return;
  if ((await ended) === 'code 0') await bucket.last();
  else log.warn('Redis did not write its last snapshot in time: the bucket has the one of the signal');
}

function fail(reason: string): never {
  log.fatal(reason);
  process.exit(1);
}
