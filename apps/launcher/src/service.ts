/**
 * Under pm2: runs one service of services/ in its folder, with an environment that holds no secret it does not name, and
 * puts its lines into the log. pm2 itself would pass on everything it knows, and signal only the first process.
 */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { environmentOf } from '@slipway/config/environment';
import { loadConfig } from '@slipway/config/load';
import { readIfThere } from '@slipway/config/read-if-there';
import { readRunningServices } from '@slipway/config/running-services';
import { createLog } from '@slipway/runtime/log';
import { stopOnSignal } from '@slipway/runtime/stop';
import { signalGroup } from './process-group.ts';
import { serviceCommand, serviceVariables, withOurNode } from './service-command.ts';

/** How long it may take to stop, in milliseconds, before it is killed. */
const stopLimitMs = 8_000;

const { values: args } = parseArgs({ options: { file: { type: 'string' }, name: { type: 'string' } } });
const config = loadConfig();
const log = createLog(`service-${args.name}`, config.logLevel);
const service = readRunningServices(args.file ?? '').find(({ name }) => name === args.name);
if (!service) fail(`no service ${args.name} in ${args.file}`);

const pidFile = path.join(config.runDir, `service-${service.name}.pid`);
await endPredecessor(Number(readIfThere(pidFile)), service.name);

const [program, programArgs] = serviceCommand(service);
const environment = environmentOf(service.env, serviceVariables(service));
const child = spawn(program, programArgs, {
  cwd: service.dir,
  env: { ...environment, PATH: withOurNode(environment.PATH) },
  stdio: ['ignore', 'pipe', 'pipe'],
  detached: true, // a group of its own, so that what it starts can be ended with it
});
let stopping = false;
stopOnSignal(log, [
  { name: 'service', run: stop, limitMs: stopLimitMs },
  { name: 'group', run: () => signalGroup(child.pid, 'SIGKILL') },
]);
child.once('error', (error) => fail(`${program} could not be started: ${error.message}`));
child.once('exit', (code, by) => {
  signalGroup(child.pid, 'SIGKILL'); // what it started and left
  if (!stopping) fail(`ended (${by ?? `code ${code}`})`);
});
if (child.pid) writeFileSync(pidFile, String(child.pid));
for (const stream of [child.stdout, child.stderr])
  createInterface({ input: stream }).on('line', (line) => log.info(line));
log.info({ port: service.port, path: service.path, access: service.access }, 'service started');

function stop(): Promise<void> {
  stopping = true;
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  signalGroup(child.pid, 'SIGTERM');
  return ended;
}

/** A service whose wrapper was killed still holds the port. */
async function endPredecessor(pid: number, name: string): Promise<void> {
  const lives = () => readIfThere(`/proc/${pid}/environ`)?.split('\0').includes(`SLIPWAY_SERVICE=${name}`);
  if (!pid || !lives()) return;
  signalGroup(pid, 'SIGKILL');
  while (lives()) await sleep(20);
}

function fail(reason: string): never {
  log.fatal(reason);
  process.exit(1);
}
