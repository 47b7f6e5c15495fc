/** Starts the house and stops it: checks, folders, pm2 with all processes, a word of welcome, an ordered end. */
import { rmSync } from 'node:fs';
import { userInfo } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createClient } from '@slipway/client/client';
import { writeDataFolder } from '@slipway/config/data-folder';
import { readEnvFile } from '@slipway/config/environment';
import { type Config, ConfigError, loadConfig } from '@slipway/config/load';
import { hasSignInLink } from '@slipway/config/operator';
import { leftOutLine } from '@slipway/config/platform';
import { writeRunningServices } from '@slipway/config/running-services';
import { chosenServices, readServices, type Service, variablesOf } from '@slipway/config/services';
import { unreadLine, unreadNames } from '@slipway/config/set-variables';
import type { DataFolder } from '@slipway/contract/data-folder';
import { untilNobodyLives } from '@slipway/runtime/alive';
import { forgetLost, noteLost } from '@slipway/runtime/lost';
import { readinessWhenUp } from './await-up.ts';
import { claimRunDir } from './claim.ts';
import { releaseData, waitForData } from './data-claim.ts';
import { envFile, prepareDataDir, prepareRunDir, requireSameKind, servicesFolder, wantedDataDir } from './folders.ts';
import { anyFreePort, requireFreePort } from './free-port.ts';
import { endWhatHangs } from './hang-watch.ts';
import { dataDirIsTaken } from './lease.ts';
import { checkModelFolders, downloadsIn } from './model-folders.ts';
import { prepareNginx } from './nginx-conf.ts';
import { requireScripts } from './scripts.ts';
import { assignPorts, requireServicePorts, servicesFile } from './services.ts';
import { makeSignInLink, noteLinks } from './sign-in-link.ts';
import { startSupervisor } from './supervisor.ts';
import { findTool } from './tools.ts';
import { doorIsDead } from './watchdog.ts';
import { startLine, welcome } from './welcome.ts';

const help = `Usage: npm start            everything on one port (PORT, default 7860); Ctrl-C stops it
       npm run dev          the same from the sources, with reload
Variables: see .env.example; a file .env in this folder is read.`;

/** Longest start, in milliseconds: a large append-only file takes Redis a while. */
const startLimitMs = 120_000;

/** How long an instance that we may be the successor of gets to stop, in milliseconds: the longest stop. */
const patienceMs = 35_000;
/** The same on a Space: nobody has seen how long the platform keeps the old container beside the new one. */
const spacePatienceMs = 10 * 60_000;

/** A house that has not answered so often, so far apart, is ended: what hangs is not brought back by pm2. */
const door = { everyMs: 5_000, misses: 12 };
/** A process without a sign of life for as long is killed, and then pm2 does bring it back. */
const hang = { everyMs: 5_000, misses: 12 };

try {
  const { values: args } = parseArgs({ options: { dev: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } });
  if (args.help) console.log(help);
  process.exit(args.help ? 0 : await start(args.dev === true));
} catch (error) {
  const wrongUse = (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS') ?? false;
  console.error(`slipway: ${(error as Error).message}${wrongUse ? `\n${help}` : ''}`);
  process.exit(wrongUse || error instanceof ConfigError ? 2 : 1);
}

/** Runs until told to stop, and gives the exit code 0; throws where the house can't be kept up. */
async function start(dev: boolean): Promise<number> {
  readEnvFile(envFile);
  const config = loadConfig();
  const services = chosenServices(readServices(servicesFolder, [config.port]), config.services);
  await check(config, dev, services);
  prepareRunDir(config.runDir);
  await claimRunDir(config.runDir, config.port);
  // a launcher that was killed leaves processes that stop, but not at once
  if (!(await untilNobodyLives(config.runDir, patienceMs)))
    throw new Error(
      `processes of an instance on port ${config.port} still run (their pids are in ${config.runDir}/alive)`,
    );
  noteLinks(config);
  writeRunningServices(servicesFile(config.runDir), await assignPorts(services));
  prepareNginx(config, dev);
  rmSync(path.join(config.runDir, 'alive'), { recursive: true, force: true });
  forgetLost(config.runDir);
  const data = prepareDataDir(wantedDataDir(config), config);
  if (config.redisIsOurs) await requireSameKind(data);
  const asked = new Promise<'asked'>((resolve) => {
    // SIGHUP: the terminal was closed
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve('asked'));
  });
  const lease = config.redisIsOurs ? await claimData(config, data, dev, asked) : undefined;
  if (lease === 'asked') {
    console.log('slipway: stopped');
    return 0;
  }
  writeDataFolder(config.runDir, data);
  console.log(startLine(config, data, userInfo().uid));
  if (config.leftOut.length > 0) console.error(`slipway: ${leftOutLine(config.leftOut)}`);
  const unread = unreadNames(envFile, variablesOf(services));
  if (unread.length > 0) console.error(`slipway: ${unreadLine(unread)}`);

  const supervisor = startSupervisor(config, environmentFor(config, data), dev ? await anyFreePort() : undefined);
  const stopping = new AbortController();
  if (!dev) void watchForHangs(config.runDir, supervisor.pid, stopping.signal); // a debugger may hold a process
  const fault = await Promise.race([
    asked,
    supervisor.ended.then((code) => `pm2 ended with code ${code}; the lines above say why`),
    supervisor.crashLoop.then((name) => `${name} ends again and again; the lines above say why`),
    greet(config, data, dev),
    ...(lease ? [lease.lost.then(() => giveUp(config.runDir, data.dir))] : []),
  ]);
  if (fault === 'asked') console.log('slipway: stopping');
  else console.error(`slipway: ${fault}`); // at once: the stop may take a while
  stopping.abort();
  await supervisor.stop();
  await untilNobodyLives(config.runDir, patienceMs); // pm2 may have been killed; then the others end by themselves
  if (lease) await releaseData(lease, data);
  if (fault !== 'asked') return 1;
  console.log('slipway: stopped');
  return 0;
}

function claimData({ runDir, port, onSpace }: Config, data: DataFolder, dev: boolean, asked: Promise<'asked'>) {
  const claim = {
    data,
    runDir,
    patienceMs: onSpace ? spacePatienceMs : patienceMs,
    port,
    host: dev ? '127.0.0.1' : '0.0.0.0',
    say: (line: string) => console.error(`slipway: ${line}`),
  };
  return waitForData(claim, asked);
}

/** From now on nothing of ours goes where it would be taken for the newest. */
function giveUp(runDir: string, dataDir: string): string {
  noteLost(runDir);
  return `another instance has taken ${dataDir}: one volume takes one container`;
}

function watchForHangs(runDir: string, supervisorPid: number, signal: AbortSignal): Promise<void> {
  const onHang = (name: string) => console.error(`slipway: ${name} hangs: killed, it starts again`);
  return endWhatHangs({ runDir, supervisorPid, onHang, signal, ...hang });
}

async function check(config: Config, dev: boolean, services: Service[]): Promise<void> {
  findTool('nginx', 'nginx');
  if (config.redisIsOurs) findTool('redis-server', 'redis-server');
  checkModelFolders(config);
  requireScripts(dev);
  await requireFreePort(config.port, config.redisIsOurs && (await dataDirIsTaken(wantedDataDir(config))));
  await requireServicePorts(services);
}

/** What the processes get besides our own environment. */
function environmentFor(config: Config, data: DataFolder): Record<string, string> {
  const hfHome = downloadsIn(config, data);
  return { DATA_DIR: data.dir, ...(hfHome !== undefined && { HF_HOME: hfHome }) };
}

/** Prints the word of welcome when the house is up, and watches its door; resolves with what went wrong. */
async function greet(config: Config, data: DataFolder, dev: boolean): Promise<string> {
  const inside = `http://localhost:${config.port}`;
  const [host] = config.operator.hosts;
  const address = host === undefined ? inside : `https://${host}`; // a Space's log is read by who is outside
  const readiness = await readinessWhenUp(createClient({ baseUrl: inside }), startLimitMs, !config.redisIsOurs);
  if (!readiness) return `not up after ${startLimitMs / 1_000} s; the lines above say why`;
  const redis = config.redisIsOurs ? `our own, redis-cli -s ${config.redisSocket}` : 'REDIS_URL';
  const operate = hasSignInLink(config.onSpace, config.operator)
    ? `${makeSignInLink(config.signInFile, address)}  (once)`
    : `${address}/admin/`;
  console.log(welcome(address, data, redis, readiness, operate, config.apiKeys !== undefined));
  if (dev) return new Promise(() => {}); // a typing error may keep it away for as long as it takes to mend
  await doorIsDead({ ask: () => answers(`http://127.0.0.1:${config.port}/healthz`), ...door });
  return `nothing has answered on port ${config.port} for a minute`;
}

function answers(url: string): Promise<boolean> {
  return fetch(url, { signal: AbortSignal.timeout(door.everyMs) }).then(
    (response) => response.ok,
    () => false,
  );
}
