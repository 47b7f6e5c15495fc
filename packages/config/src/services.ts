import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { faultWords } from '@slipway/contract/fault-words';
import { z } from 'zod';
import { ConfigError } from './load.ts';

/** First parts of paths that are the house's own, now or as it grows; a service can't take them. */
export const reservedPaths = [
  'admin',
  'analyze',
  'api',
  'assets',
  'auth',
  'docs',
  'healthz',
  'hf',
  'login',
  'logout',
  'metrics',
  'node_modules',
  'oauth',
  'openapi',
  'readyz',
  'src',
  'v1',
];

const portSchema = z.int().min(1024).max(65_535);
/** A path as a service is asked: no dots that lead elsewhere, nothing that would need escaping. */
const innerPath = z.string().regex(/^\/(?!\/)[\w./?=&-]*$/, 'must be a path like /health');

/** `service.json`: what the house must know of a service that a fork brings. */
const serviceFileSchema = z.strictObject({
  /** The folder's name. */
  name: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'must be small letters, digits and dashes, at most 32'),
  /** A program and its arguments. `$PORT` and `$BASE_PATH` in an argument are filled in; `node` is the house's own. */
  command: z.array(z.string().min(1)).min(1),
  /** On loopback; default: a free one, told as PORT. */
  port: portSchema.optional(),
  /** Where the gateway answers for it; the service itself is asked without it. */
  path: z
    .string()
    .regex(/^(\/[a-z0-9][a-z0-9-]*)+$/, 'must be like /my-service: small letters, digits and dashes')
    .refine((value) => !reservedPaths.includes(value.split('/')[1] ?? ''), "is one of the house's own paths"),
  /** Asked for `/readyz`; anything below 400 is good. */
  health: innerPath.default('/'),
  /** public: everybody. key: as the API, see docs/access.md. admin: operators who are signed in. */
  access: z.enum(['public', 'key', 'admin']),
  websocket: z.boolean().default(false),
  /** Variables that it gets besides the few that every program needs. Secrets are never passed unless named here. */
  env: z.array(z.string().regex(/^[A-Za-z_]\w*$/, 'must be names of variables')).default([]),
  /** Whether it runs where SERVICES does not say. */
  enabled: z.boolean().default(true),
});

export interface Service extends z.infer<typeof serviceFileSchema> {
  /** Its folder, where its command runs. */
  dir: string;
}

/**
 * Reads every folder of `services/` that has a service.json, the ones that are turned off too. Throws a ConfigError with
 * one line that names every bad file and what is wrong with it. `ports` are those that the house has itself.
 */
export function readServices(folder: string, ports: number[] = []): Service[] {
  if (!existsSync(folder)) return [];
  const faults: string[] = [];
  const services: Service[] = [];
  for (const name of readdirSync(folder).sort()) {
    const file = path.join(folder, name, 'service.json');
    if (!existsSync(file)) continue;
    const read = readOne(file, name);
    if (typeof read === 'string') faults.push(`services/${name}/service.json: ${read}`);
    else services.push({ ...read, dir: path.dirname(file) });
  }
  faults.push(...quarrels(services, ports));
  if (faults.length > 0) throw new ConfigError(`bad service: ${faults.join('; ')}`);
  return services;
}

/** Those that run: the ones that SERVICES names, or where it says nothing the ones that are not turned off. */
export function chosenServices(services: Service[], names: string[] | undefined): Service[] {
  const unknown = names?.filter((name) => !services.some((service) => service.name === name)) ?? [];
  if (unknown.length > 0)
    throw new ConfigError(`bad configuration: SERVICES names ${unknown.join(', ')}, and services/ has no such folder`);
  return services.filter(({ name, enabled }) => names?.includes(name) ?? enabled);
}

/** Names of the variables that services ask for. */
export const variablesOf = (services: Service[]) => services.flatMap(({ env }) => env);

function readOne(file: string, folder: string): z.infer<typeof serviceFileSchema> | string {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return 'is not JSON';
  }
  const parsed = serviceFileSchema.safeParse(json, { error: faultWords });
  if (!parsed.success)
    return parsed.error.issues.map(({ path: at, message }) => `${at.join('.') || 'it'} ${message}`).join('; ');
  return parsed.data.name === folder ? parsed.data : `name must be that of its folder, ${folder}`;
}

/** What is wrong between services that are each good. */
function quarrels(services: Service[], taken: number[]): string[] {
  const faults: string[] = [];
  services.forEach((service, index) => {
    const { name, port } = service;
    if (port !== undefined && taken.includes(port)) faults.push(`services/${name}: port ${port} is the house's own`);
    for (const other of services.slice(0, index)) {
      if (port !== undefined && port === other.port)
        faults.push(`services/${name}: port ${port} is that of services/${other.name}`);
      if (`${service.path}/`.startsWith(`${other.path}/`) || `${other.path}/`.startsWith(`${service.path}/`))
        faults.push(`services/${name}: path ${service.path} and ${other.path} of services/${other.name} overlap`);
    }
  });
  return faults;
}
