import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { newService } from './new-service.ts';

/** A folder with one service and, where it is asked for, Biome. */
function bareRoot(withBiome: boolean): string {
  const root = mkdtempSync(path.join(tmpdir(), 'slipway-service-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  mkdirSync(path.join(root, 'services/hello'), { recursive: true });
  const service = { name: 'hello', command: ['x'], path: '/greeter', access: 'public' };
  writeFileSync(path.join(root, 'services/hello/service.json'), JSON.stringify(service));
  if (withBiome) symlinkSync(path.resolve('node_modules'), path.join(root, 'node_modules'));
  return root;
}
const services = (root: string) => readdirSync(path.join(root, 'services')).toSorted();

test('a service whose path another one has is refused, and nothing of it stays', () => {
  const root = bareRoot(true);
  expect(() => newService(root, 'greeter')).toThrow('path /greeter and /greeter of services/greeter overlap');
  expect(services(root)).toEqual(['hello']);
  expect(newService(root, 'other')).toContain('services/other is there');
  expect(existsSync(path.join(root, 'services/other/service.json'))).toBe(true);
});

test('where Biome refuses, everything is as it was', () => {
  const root = bareRoot(false);
  expect(() => newService(root, 'other')).toThrow('Biome');
  expect(services(root)).toEqual(['hello']);
});

test('a folder that is there is left alone', () => {
  const root = bareRoot(true);
  writeFileSync(path.join(root, 'services/hello/notes.md'), '');
  expect(() => newService(root, 'hello')).toThrow('services/hello is there already');
  expect(readdirSync(path.join(root, 'services/hello'))).toEqual(['notes.md', 'service.json']);
});
