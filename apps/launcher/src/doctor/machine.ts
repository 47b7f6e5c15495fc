import { userInfo } from 'node:os';
import type { Config } from '@slipway/config/load';
import { findTool } from '../tools.ts';
import { type Check, fail, inGiB, ok, reasonOf, warn } from './check.ts';

/** Below this, in bytes, hardly any model fits beside the rest. */
const smallMemory = 2 * 1024 ** 3;

/** Who we are, what of the machine is ours, and the programs that npm does not bring. */
export function checkMachine(config: Config, uid = userInfo().uid): Check[] {
  return [
    uid === 0
      ? warn('user', 'UID 0, root', 'Run it as an ordinary user; a Space runs it as UID 1000')
      : ok('user', `UID ${uid}`),
    limits(config),
    programs(config),
  ];
}

function limits({ cores, memory, workerChildren }: Config): Check {
  const detail = `${cores} core(s) and ${inGiB(memory)} may be used (cgroup, CPU_CORES and MEMORY); ${workerChildren} inference process(es)`;
  if (memory >= smallMemory) return ok('limits', detail);
  return warn('limits', detail, 'Give it 2 GiB or more, or set ENGINE=extractive, which needs no model');
}

function programs({ redisIsOurs }: Config): Check {
  try {
    const found = [findTool('nginx', 'nginx'), ...(redisIsOurs ? [findTool('redis-server', 'redis-server')] : [])];
    return ok('programs', `${found.join(', ')}, Node ${process.versions.node}`);
  } catch (error) {
    return fail('programs', reasonOf(error), 'Install it, then start again');
  }
}
