import path from 'node:path';
import type { Service } from '@slipway/config/services';
import { anyFreePort, isFree } from './free-port.ts';

/** Where the launcher writes what runs, for the processes under pm2. */
export const servicesFile = (runDir: string) => path.join(runDir, 'services.json');

/** Throws an Error that names the service whose fixed port is taken. */
export async function requireServicePorts(services: Pick<Service, 'name' | 'port'>[]): Promise<void> {
  for (const { name, port } of services)
    if (port !== undefined && !(await isFree(port)))
      throw new Error(`services/${name}: port ${port} is taken by another program. Leave "port" out for a free one.`);
}

/** Gives each service without a port of its own one that is free now, and no two the same. */
export async function assignPorts<S extends Pick<Service, 'port'>>(services: S[]): Promise<(S & { port: number })[]> {
  const used = new Set(services.map(({ port }) => port));
  const assigned: (S & { port: number })[] = [];
  for (const service of services) {
    let { port } = service;
    while (port === undefined) {
      const free = await anyFreePort();
      if (!used.has(free)) port = free;
    }
    used.add(port);
    assigned.push({ ...service, port });
  }
  return assigned;
}
