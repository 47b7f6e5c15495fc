import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '..');
const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
const { scripts } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
  scripts: { typecheck: string };
};
/** The rooms whose own settings `npm run check` uses; `.` is the program of all that runs in Node. */
const checked = scripts.typecheck.split(' ').filter((word) => word === '.' || word.includes('/'));

const filesOf = (room: string) =>
  execFileSync(process.execPath, [tsc, '--listFilesOnly', '--project', room], { cwd: root, encoding: 'utf8' })
    .split('\n')
    .map((file) => path.relative(root, file));
const programs = new Map(checked.map((room) => [room, filesOf(room)]));

const dom = /\/lib\.(dom|webworker)\b[^/]*$/;
const node = /\/@types\/node\/index\.d\.ts$/;
const react = /\/@types\/react\/index\.d\.ts$/;

test.each([
  { room: '.', has: [node], hasNot: [dom, react] },
  { room: 'packages/contract', has: [dom], hasNot: [node, react] },
  { room: 'packages/client', has: [dom], hasNot: [node, react] },
  { room: 'apps/admin', has: [dom, react], hasNot: [node] },
])('$room knows the types of where it runs, and of nowhere else', ({ room, has, hasNot }) => {
  const files = programs.get(room) ?? [];
  for (const types of has)
    expect(
      files.some((file) => types.test(file)),
      `${types}`,
    ).toBe(true);
  for (const types of hasNot) expect(files.filter((file) => types.test(file))).toEqual([]);
});

test('a room with settings of its own is checked with them', () => {
  const own = globSync('{packages,apps,models}/{.,*}/tsconfig.json', { cwd: root })
    .filter((file) => readFileSync(path.join(root, file), 'utf8').includes('"compilerOptions"'))
    .map((file) => path.dirname(file));
  expect(own.sort()).toEqual(checked.filter((room) => room !== '.').sort());
});

test('every file is checked, but for the tests of the pages', () => {
  const sources = globSync('{packages,apps}/*/{src/**/*,*}.{ts,tsx}', { cwd: root }).concat(
    globSync('{models,tests,scripts,bench,services}/**/*.ts', {
      cwd: root,
      exclude: ['**/node_modules', 'models/made'],
    }),
  );
  const seen = new Set([...programs.values()].flat());
  const unseen = sources.filter((file) => !seen.has(file));
  expect(sources.length).toBeGreaterThan(500);
  expect(unseen.filter((file) => !/^apps\/admin\/src\/.*\.test\.ts$/.test(file))).toEqual([]);
});
