import type { Config } from '@slipway/config/load';

/** The whole configuration of our own redis-server: no port at all, only the socket; nothing accepted is lost or evicted. */
export function redisArguments(config: Pick<Config, 'redisSocket' | 'redisMaxBytes'>, dir: string): string[] {
  const settings = {
    port: '0',
    unixsocket: config.redisSocket,
    unixsocketperm: '700',
    dir,
    appendonly: 'yes',
    appendfsync: 'everysec',
    save: '3600 1',
    maxmemory: String(config.redisMaxBytes),
    // a queue must never forget a job to make room: when it is full, new jobs are refused
    'maxmemory-policy': 'noeviction',
    loglevel: 'notice',
    daemonize: 'no',
  };
  return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
}
