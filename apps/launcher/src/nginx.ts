/** Under pm2: writes nginx's configuration, checks it and runs nginx. pm2's SIGINT would cut requests off; QUIT lets them end. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { loadConfig } from '@slipway/config/load';
import { readIfThere } from '@slipway/config/read-if-there';
import { markAlive } from '@slipway/runtime/alive';
import { createLog } from '@slipway/runtime/log';
import { tellReady } from '@slipway/runtime/ready';
import { stopOnSignal } from '@slipway/runtime/stop';
import { prepareNginx, removeTemporaryFiles } from './nginx-conf.ts';
import { portAnswers } from './port.ts';
import { signalGroup } from './process-group.ts';

const { values: args } = parseArgs({ options: { dev: { type: 'boolean' } } });
const config = loadConfig();
const log = createLog('nginx', config.logLevel);
const { nginx, args: common, file } = prepare();

await endPredecessor(path.join(config.runDir, 'nginx.pid'));
removeTemporaryFiles(config.runDir);
const master = spawn(nginx, [...common, '-g', 'daemon off;'], {
  stdio: ['ignore', 'ignore', 'pipe'],
  detached: true, // a group of its own, so that its workers can be ended with it
});
let stopping = false;
master.once('exit', (code, signal) => {
  signalGroup(master.pid, 'SIGKILL'); // workers outlive a killed master and would keep the port
  if (!stopping) fail(`nginx ended (${signal ?? `code ${code}`})`);
});
// what comes after "client:" holds addresses and the query of the request, which are not for the log
createInterface({ input: master.stderr }).on('line', (line) => log.warn(line.replace(/, client: .*$/, '')));

stopOnSignal(log, [
  { name: 'open requests', run: quit, limitMs: 8_000 }, // the gateway, told at the same time, ends those that wait
  { name: 'nginx', run: () => signalGroup(master.pid, 'SIGKILL') },
]);
while (!(await portAnswers(config.port))) await sleep(50);
markAlive(config.runDir, 'nginx');
tellReady();
log.info({ port: config.port }, 'nginx listens');

function prepare() {
  try {
    return prepareNginx(config, args.dev === true);
  } catch (error) {
    return fail((error as Error).message);
  }
}

/** Takes nothing new, lets requests end. */
function quit(): Promise<void> {
  stopping = true;
  const ended = new Promise<void>((resolve) => master.once('exit', () => resolve()));
  master.kill('SIGQUIT');
  return ended;
}

/** An nginx whose wrapper was killed still holds the port. */
async function endPredecessor(pidFile: string): Promise<void> {
  const pid = Number(readIfThere(pidFile));
  if (!pid || !readIfThere(`/proc/${pid}/cmdline`)?.includes(file)) return;
  process.kill(-pid, 'SIGTERM');
  while (readIfThere(`/proc/${pid}/cmdline`)) await sleep(50);
}

function fail(reason: string): never {
  log.fatal(reason);
  process.exit(1);
}
