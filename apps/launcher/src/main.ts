/** Starts the house and stops it: checks, folders, pm2 with all processes, a word of welcome, an ordered end. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createClient } from '@slipway/client/client';
import { readEnvFile } from '@slipway/config/environment';
import { type Config, ConfigError, loadConfig } from '@slipway/config/load';
import { writeRunningServices } from '@slipway/config/running-services';
import { chosenServices, readServices, type Service } from '@slipway/config/services';
import { readinessWhenUp } from './await-up.ts';
import { claimDataDir, claimRunDir, dataDirIsTaken, releaseDataDir } from './claim.ts';
import { type DataDir, prepareDataDir, prepareRunDir, root, wantedDataDir } from './folders.ts';
import { anyFreePort, requireFreePort } from './free-port.ts';
import { checkModelFolders } from './model-folders.ts';
import { assignPorts, requireServicePorts, servicesFile } from './services.ts';
import { startSupervisor } from './supervisor.ts';
import { findTool } from './tools.ts';
import { welcome } from './welcome.ts';

const help = `Usage: npm start            everything on one port (PORT, default 7860); Ctrl-C stops it
       npm run dev          the same from the sources, with reload
Variables: see .env.example; a file .env in this folder is read.`;

/** Longest start, in milliseconds: a large append-only file takes Redis a while. */
const startLimitMs = 120_000;

try {
  const { values: args } = parseArgs({ options: { dev: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } });
  if (args.help) console.log(help);
  process.exit(args.help ? 0 : await start(args.dev === true));
} catch (error) {
  const wrongUse = (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS') ?? false;
  console.error(`slipway: ${(error as Error).message}${wrongUse ? `\n${help}` : ''}`);
  process.exit(wrongUse || error instanceof ConfigError ? 2 : 1);
}

/** Runs until told to stop, and gives the exit code: 0 when we were asked to, 1 when pm2 ended by itself. */
async function start(dev: boolean): Promise<number> {
  readEnvFile(path.join(root, '.env'));
  const config = loadConfig();
  const services = chosenServices(readServices(path.join(root, 'services'), [config.port]), config.services);
  await check(config, services);
  prepareRunDir(config.runDir);
  await claimRunDir(config.runDir, config.port);
  writeRunningServices(servicesFile(config.runDir), await assignPorts(services));
  const data = prepareDataDir(wantedDataDir(config), config.runDir);
  if (config.redisIsOurs) await claimDataDir(data.dir, config.runDir);

  const asked = new Promise<'asked'>((resolve) => {
    // SIGHUP: the terminal was closed
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve('asked'));
  });
  const supervisor = startSupervisor(config, data.dir, dev ? await anyFreePort() : undefined);
  const late = greet(config, data);

  const first = await Promise.race([asked, supervisor.ended, late]);
  if (first !== 'asked') {
    if (first === 'late') await supervisor.stop();
    const what = first === 'late' ? `not up after ${startLimitMs / 1_000} s` : `pm2 ended with code ${first}`;
    throw new Error(`${what}; the lines above say why`);
  }
  console.log('slipway: stopping');
  await supervisor.stop();
  if (config.redisIsOurs) releaseDataDir(data.dir);
  console.log('slipway: stopped');
  return 0;
}

async function check(config: Config, services: Service[]): Promise<void> {
  findTool('nginx', 'nginx');
  if (config.redisIsOurs) findTool('redis-server', 'redis-server');
  if (!existsSync(path.join(root, 'nginx.conf'))) throw new Error(`nginx.conf is missing in ${root}`);
  checkModelFolders(config);
  await requireFreePort(config.port, config.redisIsOurs && (await dataDirIsTaken(wantedDataDir(config))));
  await requireServicePorts(services);
}

/** Prints the word of welcome when the house is up; resolves only where that takes too long. */
async function greet(config: Config, data: DataDir): Promise<'late'> {
  const address = `http://localhost:${config.port}`;
  const readiness = await readinessWhenUp(createClient({ baseUrl: address }), startLimitMs);
  if (!readiness) return 'late';
  const redis = config.redisIsOurs ? `our own, redis-cli -s ${config.redisSocket}` : 'REDIS_URL';
  console.log(welcome(address, data, redis, readiness));
  return new Promise(() => {});
}
