import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { ConfigError, loadConfig } from './load.ts';
import { chosenServices, readServices } from './services.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const good = { command: ['node', 'server.ts'], path: '/one', access: 'public' };

/** A folder services/ with a service.json in each of the folders named. */
function services(files: Record<string, unknown>): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-services-'));
  folders.push(folder);
  for (const [name, value] of Object.entries(files)) {
    mkdirSync(path.join(folder, name));
    const text = typeof value === 'string' ? value : JSON.stringify({ name, ...(value as object) });
    writeFileSync(path.join(folder, name, 'service.json'), text);
  }
  return folder;
}

test('a folder with a service.json is a service; others are none', () => {
  const folder = services({ one: good });
  mkdirSync(path.join(folder, 'notes'));
  expect(readServices(folder)).toEqual([
    {
      ...good,
      name: 'one',
      health: '/',
      websocket: false,
      env: [],
      enabled: true,
      dir: path.join(folder, 'one'),
    },
  ]);
  expect(readServices(path.join(folder, 'missing'))).toEqual([]);
});

test.each([
  ['no JSON', '{', 'services/one/service.json: is not JSON'],
  [
    'nothing in it',
    '{}',
    'name is required; command is required; path is required; access is required, one of: public, key, admin',
  ],
  ['a list', '[]', 'it must be an object'],
  ['another name', { ...good, name: 'two' }, 'name must be that of its folder, one'],
  ['an empty command', { ...good, command: [] }, 'command '],
  ['no access', { command: ['x'], path: '/one' }, 'access is required, one of: public, key, admin'],
  ['an unknown access', { ...good, access: 'open' }, 'access must be one of: public, key, admin'],
  ['a misspelt key', { ...good, websockets: true }, 'it has unknown fields: websockets'],
  ['a privileged port', { ...good, port: 80 }, 'port '],
  ['the port of the house', { ...good, port: 7860 }, "port 7860 is the house's own"],
  ['a path that is no path', { ...good, path: 'one' }, 'path must be like /my-service'],
  ['a path with dots', { ...good, path: '/one/../api' }, 'path must be like /my-service'],
  ['the root', { ...good, path: '/' }, 'path must be like /my-service'],
  ...['api', 'v1', 'hf', 'analyze', 'docs', 'admin', 'healthz', 'readyz', 'assets'].map(
    (name) => [`/${name}`, { ...good, path: `/${name}/x` }, "path is one of the house's own paths"] as const,
  ),
  ['a health that leads away', { ...good, health: '//evil.example' }, 'health must be a path'],
] as const)('%s is told in one line', (_what, value, message) => {
  const folder = services({ one: value });
  expect(() => readServices(folder, [7860])).toThrow(ConfigError);
  expect(() => readServices(folder, [7860])).toThrow(message);
  expect(() => readServices(folder, [7860])).not.toThrow('\n');
});

test('two services share neither a port nor a path', () => {
  const folder = services({
    one: { ...good, port: 4000 },
    two: { ...good, path: '/one/more', port: 4000 },
    three: { ...good, path: '/one-more' },
  });
  expect(() => readServices(folder)).toThrow(
    /^bad service: services\/two: port 4000 is that of services\/one; services\/two: path \/one\/more and \/one of services\/one overlap$/,
  );
});

test('SERVICES says which run; unset, those that are not turned off', () => {
  const all = readServices(services({ one: good, two: { ...good, path: '/two', enabled: false } }));
  const names = (value?: string) => chosenServices(all, loadConfig({ SERVICES: value }).services).map((s) => s.name);
  expect(names()).toEqual(['one']);
  expect(names('two')).toEqual(['two']);
  expect(names('off')).toEqual([]);
  expect(() => names('three')).toThrow('SERVICES names three');
});
