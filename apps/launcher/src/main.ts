/** Starts the house and stops it: checks, folders, pm2 with all processes, a word of welcome, an ordered end. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createClient } from '@slipway/client/client';
import { readEnvFile } from '@slipway/config/environment';
import { type Config, ConfigError, loadConfig } from '@slipway/config/load';
import { readinessWhenUp } from './await-up.ts';
import { claimDataDir, type DataDir, prepareDataDir, prepareRunDir, root } from './folders.ts';
import { anyFreePort, requireFreePort } from './free-port.ts';
import { startSupervisor } from './supervisor.ts';
import { findTool } from './tools.ts';
import { welcome } from './welcome.ts';

const help = `Usage: npm start            everything on one port (PORT, default 7860); Ctrl-C stops it
       npm run dev          the same from the sources, with reload
Variables: see .env.example; a file .env in this folder is read.`;

const { values: args } = parseArgs({ options: { dev: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } });
if (args.help) {
  console.log(help);
  process.exit(0);
}

try {
  process.exit(await start(args.dev === true));
} catch (error) {
  console.error(`slipway: ${(error as Error).message}`);
  process.exit(error instanceof ConfigError ? 2 : 1);
}

/** Runs until told to stop, and gives the exit code: 0 when we were asked to, 1 when pm2 ended by itself. */
async function start(dev: boolean): Promise<number> {
  readEnvFile(path.join(root, '.env'));
  const config = loadConfig();
  await check(config);
  prepareRunDir(config.runDir);
  const data = prepareDataDir(config.dataDir, config.runDir);
  if (config.redisIsOurs) await claimDataDir(data.dir, config.runDir);

  const asked = new Promise<'asked'>((resolve) => {
    process.on('SIGINT', () => resolve('asked'));
    process.on('SIGTERM', () => resolve('asked'));
  });
  const supervisor = startSupervisor(config, data.dir, dev ? await anyFreePort() : undefined);
  void greet(config, data);

  const first = await Promise.race([asked, supervisor.ended]);
  if (first !== 'asked') throw new Error(`pm2 ended with code ${first}; the lines above say why`);
  console.log('slipway: stopping');
  await supervisor.stop();
  console.log('slipway: stopped');
  return 0;
}

async function check(config: Config): Promise<void> {
  findTool('nginx', 'nginx');
  if (config.redisIsOurs) findTool('redis-server', 'redis-server');
  if (!existsSync(path.join(root, 'nginx.conf'))) throw new Error(`nginx.conf is missing in ${root}`);
  await requireFreePort(config.port);
}

async function greet(config: Config, data: DataDir): Promise<void> {
  const address = `http://localhost:${config.port}`;
  const readiness = await readinessWhenUp(createClient({ baseUrl: address }));
  const redis = config.redisIsOurs ? `our own, redis-cli -s ${config.redisSocket}` : 'REDIS_URL';
  console.log(welcome(address, data, redis, readiness));
}
