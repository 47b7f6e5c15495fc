import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { environmentWith } from '@slipway/config/environment';
import type { Config } from '@slipway/config/load';
import { findTool } from '../tools.ts';
import { type Check, fail, inGiB, ok, reasonOf, warn } from './check.ts';

const limitMs = 5_000;

/** Our own Redis, or the one that REDIS_URL names: whether it answers, what it holds, and whether it keeps it. */
export async function checkRedis(config: Config, running: boolean): Promise<Check[]> {
  const whose = config.redisIsOurs ? 'our own' : 'REDIS_URL';
  if (config.redisIsOurs && !running) return [ok('redis', 'our own; it starts with the house')];
  let info: Map<string, string>;
  try {
    info = await ask(config.redisUrl);
  } catch (error) {
    const advice = config.redisIsOurs ? 'The log of redis says why' : 'Look at REDIS_URL, and whether that host is up';
    return [fail('redis', `${whose} does not answer (${reasonOf(error)})`, advice)];
  }
  const name = info.has('valkey_version')
    ? `Valkey ${info.get('valkey_version')}`
    : `Redis ${info.get('redis_version')}`;
  return [ok('redis', `${whose}, ${name}`), memory(info), persistence(info)];
}

function memory(info: Map<string, string>): Check {
  const [used, most] = [Number(info.get('used_memory')), Number(info.get('maxmemory'))];
  const policy = info.get('maxmemory_policy');
  const detail = `${inGiB(used)} of ${most > 0 ? inGiB(most) : 'no limit'}, ${policy}`;
  if (policy !== 'noeviction')
    return fail('redis memory', detail, 'CONFIG SET maxmemory-policy noeviction: a queue must not forget jobs');
  if (most > 0 && used > 0.8 * most)
    return warn('redis memory', detail, 'Finished jobs fill it: a shorter JOB_TTL, or more memory');
  return ok('redis memory', detail);
}

function persistence(info: Map<string, string>): Check {
  const appends = info.get('aof_enabled') === '1';
  const failing = ['aof_last_write_status', 'rdb_last_bgsave_status'].filter((field) => info.get(field) === 'err');
  const detail = `append-only file ${appends ? 'on' : 'off'}, last snapshot ${whenOf(info.get('rdb_last_save_time'))}`;
  if (failing.length > 0)
    return fail(
      'redis persistence',
      `${detail}; writing failed`,
      'Its disk is full or not writable; it refuses jobs until that is mended',
    );
  if (!appends)
    return warn('redis persistence', detail, 'Turn it on, or a crash of Redis costs what came since the last snapshot');
  return ok('redis persistence', detail);
}

const whenOf = (seconds: string | undefined) => new Date(Number(seconds ?? 0) * 1_000).toISOString();

/** The fields of INFO. Throws an Error that holds neither the address nor the password. */
async function ask(url: string): Promise<Map<string, string>> {
  const { args, password } = addressOf(url);
  const cli = findTool('redis-cli', 'redis-server');
  // a password on the command line could be read by everybody on the machine
  const env = environmentWith(password === '' ? {} : { REDISCLI_AUTH: password });
  const { stdout } = await promisify(execFile)(cli, [...args, 'info'], { env, timeout: limitMs }).catch((error) => {
    throw new Error(error.killed ? `no answer in ${limitMs / 1_000} s` : 'no connection');
  });
  const info = new Map(
    stdout.split(/\r?\n/).map((line) => [line.split(':')[0] ?? '', line.slice(line.indexOf(':') + 1)]),
  );
  if (!info.has('redis_version')) throw new Error(`refused: ${/^[A-Z]+/.exec(stdout)?.[0] ?? 'no reason given'}`);
  return info;
}

function addressOf(url: string): { args: string[]; password: string } {
  if (url.startsWith('unix://')) return { args: ['-s', url.slice('unix://'.length)], password: '' };
  const { protocol, hostname, port, username, password } = new URL(url);
  const args = ['-h', hostname.replace(/^\[|\]$/g, ''), '-p', port || '6379'];
  if (protocol === 'rediss:') args.push('--tls');
  if (username !== '') args.push('--user', decodeURIComponent(username));
  return { args, password: decodeURIComponent(password) };
}
