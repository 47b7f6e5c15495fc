import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Writes files that are not there yet, each under the root. Throws, before it writes any, where one is. */
export function writeNew(root: string, files: Record<string, string>): void {
  const there = Object.keys(files).find((file) => existsSync(path.join(root, file)));
  if (there !== undefined) throw new Error(`${there} is there already. Choose another name.`);
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
  }
}

/** The text of a file with a line put before the last line of a list that begins with `start`. Throws where none is. */
export function withLine(root: string, file: string, start: string, line: string): string {
  const text = readFileSync(path.join(root, file), 'utf8');
  const end = text.indexOf('\n}', text.indexOf(start));
  if (!text.includes(start) || end < 0) throw new Error(`${file} has no "${start}" any more: add ${line} by hand.`);
  return `${text.slice(0, end)}\n${line}${text.slice(end)}`;
}

/** Brings files into the house's form: Biome sorts their imports too. */
export function format(root: string, files: string[]): void {
  const biome = path.join(root, 'node_modules/.bin/biome');
  const { status, stderr } = spawnSync(biome, ['check', '--write', '--vcs-enabled=false', ...files], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`Biome refuses what was written:\n${stderr}`);
}
