/** docs/space.md tells of variables and messages: they must be those that the code has. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { envSchema } from '@slipway/config/env';
import { expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const page = read('docs/space.md');

const known = [
  ...Object.keys(envSchema.shape),
  ...(read('Dockerfile').match(/^ARG .*$/gm) ?? []).flatMap((line) => line.match(/[A-Z_]{2,}(?==)/g) ?? []),
  'MODEL_REPO_NAME', // an argument of the image's build: docs/image.md
  ...[
    ...(/const \{(.*?)\} = process\.env/.exec(read('scripts/sync-to-space.ts'))?.[1] ?? '').matchAll(/[A-Z_]{2,}/g),
  ].map(([name]) => name),
  'FRAME_ANCESTORS', // a value of nginx.conf
];

test('every variable that it names exists', () => {
  const named = [...page.matchAll(/`([A-Z][A-Z\d]*(?:_[A-Z\d]+)+)(?:=[^`]*)?`/g)].map(([, name]) => name);
  expect(named.length).toBeGreaterThan(60);
  expect(named.filter((name) => !known.includes(String(name)))).toEqual([]);
});

test('what its table says to set is in .env.example, and marked as a secret there where it is one here', () => {
  const [, table = ''] = /\| name \| set it to \|\n\|---\|---\|\n(.*?)\n\n/s.exec(page) ?? [];
  const rows = table.split('\n').map((row) => row.split(' | ')[0] ?? '');
  const example = read('.env.example');
  const names = (text: string) => [...text.matchAll(/`(\w+)`/g)].map(([, name]) => name as string);
  expect(rows.length).toBeGreaterThan(10);
  for (const name of rows.flatMap(names).filter((name) => name !== 'APT_PACKAGES'))
    expect(example).toMatch(new RegExp(`^#${name}=`, 'm'));
  const secrets = rows.filter((row) => row.includes('(secret')).flatMap(names);
  // "A secret." stands in the comment above the variable, or above the one before it
  const marked = [...example.matchAll(/[Ss]ecrets?\.(?:.*\n)((?:#.* .*\n)*(?:#\w+=\n)+)/g)].flatMap(([, lines = '']) =>
    [...lines.matchAll(/^#(\w+)=$/gm)].map(([, name]) => name),
  );
  expect(marked.sort()).toEqual(secrets.sort());
});

test('every message of ours that it explains is one that the code writes', () => {
  const [, table = ''] = /What this service says:\n\n.*?\n.*?\n(.*?)\n\n/s.exec(page) ?? [];
  const sources = [
    read('nginx.conf'),
    ...globSync('{apps,packages}/*/src/**/*.ts', { cwd: root, exclude: ['**/*.test.ts'] }).map(read),
  ].join('\n');
  const quoted = table.split('\n').flatMap((row) => [...(row.split(' | ')[0] ?? '').matchAll(/`([^`]+)`/g)]);
  const parts = quoted.flatMap(([, message = '']) => message.split('…').map((part) => part.trim()));
  const ours = parts.filter((part) => part !== '' && !part.startsWith('/'));
  expect(ours.length).toBeGreaterThan(25);
  expect(ours.filter((part) => !sources.includes(part))).toEqual([]);
});

test('its links within the page lead somewhere', () => {
  const anchors = [...page.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );
  const linked = [...page.matchAll(/\]\(#([\w-]+)\)/g)].map(([, anchor = '']) => anchor);
  expect(linked.length).toBeGreaterThan(5);
  expect(linked.filter((anchor) => !anchors.includes(anchor))).toEqual([]);
});
