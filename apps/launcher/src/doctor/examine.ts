import { type Config, loadConfig } from '@slipway/config/load';
import { leftOutLine } from '@slipway/config/platform';
import { useProxyFromEnvironment } from '@slipway/config/proxy';
import { chosenServices, readServices, type Service, variablesOf } from '@slipway/config/services';
import { setVariables, unreadLine, unreadNames } from '@slipway/config/set-variables';
import { instanceLives } from '../claim.ts';
import { envFile, servicesFolder } from '../folders.ts';
import { checkLocalModels } from '../model-folders.ts';
import { type Check, fail, ok, reasonOf, warn } from './check.ts';
import { checkHouse } from './house.ts';
import { checkMachine } from './machine.ts';
import { checkArchive, checkFreePort, checkHub } from './network.ts';
import { checkPlaces } from './places.ts';
import { checkRedis } from './redis.ts';

export interface Examination {
  /** False where a check failed. */
  ok: boolean;
  /** Whether an instance runs with this configuration's port. */
  running: boolean;
  checks: Check[];
}

/** Looks at everything that a start needs, and at the instance that runs, if one does. Changes nothing. */
export async function examine(): Promise<Examination> {
  let config: Config;
  let services: Service[];
  try {
    config = loadConfig();
    services = chosenServices(readServices(servicesFolder, [config.port]), config.services);
    checkLocalModels(config);
    useProxyFromEnvironment();
  } catch (error) {
    const check = fail('configuration', reasonOf(error), 'Mend it, see .env.example');
    return { ok: false, running: false, checks: [check] };
  }
  const running = await instanceLives(config.runDir);
  const names = setVariables();
  const unread = unreadNames(envFile, variablesOf(services));
  const house = running ? await checkHouse(config) : [await checkFreePort(config), ...checkArchive(config)];
  const archived = house.some(({ name, state }) => name === 'archive' && state === 'ok');
  const checks = [
    ok('configuration', names.length > 0 ? `set: ${names.join(', ')}` : 'nothing is set'),
    ...(config.leftOut.length > 0
      ? [
          warn(
            'platform',
            leftOutLine(config.leftOut),
            'Where one is yours mend it, else none need be: the start goes on',
          ),
        ]
      : []),
    ...(unread.length > 0 ? [warn('.env', unreadLine(unread), 'Look for a slip of the pen')] : []),
    ...house,
    ...checkMachine(config),
    ...checkPlaces(config, running, archived),
    ...(await checkRedis(config, running)),
    await checkHub(config),
  ];
  const told = running ? checks.map(ofShell) : checks;
  return { ok: told.every(({ state }) => state !== 'fail'), running, checks: told };
}

/** An instance may have been started with other variables than those we see: its own are not known here. */
export function ofShell(check: Check): Check {
  const isOurs = ['configuration', 'limits', 'models', 'hub'].includes(check.name);
  return isOurs ? { ...check, detail: `of this shell: ${check.detail}` } : check;
}

/** For people: a line a check, and below it what to do. */
export function asText({ running, checks }: Examination): string {
  const width = Math.max(...checks.map(({ name }) => name.length)) + 2;
  const lines = checks.flatMap(({ name, state, detail, advice }) => [
    `${state.padEnd(6)}${name.padEnd(width)}${detail}`,
    ...(advice === undefined ? [] : [`${' '.repeat(6 + width)}→ ${advice}`]),
  ]);
  const count = (state: Check['state']) => checks.filter((check) => check.state === state).length;
  const sum = `${count('ok')} ok, ${count('warn')} to know, ${count('fail')} to mend`;
  return [...lines, '', `${running ? 'An instance runs.' : 'No instance runs.'} ${sum}.`].join('\n');
}
