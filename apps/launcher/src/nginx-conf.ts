import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Config } from '@slipway/config/load';
import { root } from './folders.ts';
import { fillTemplate, nginxValues } from './nginx-template.ts';
import { findTool } from './tools.ts';

/** The program, the arguments that it needs for our configuration, and the file that holds it. */
export interface PreparedNginx {
  nginx: string;
  args: string[];
  file: string;
}

/** Writes nginx's configuration into the run directory and has nginx check it. Throws an Error of one line where it is wrong. */
export function prepareNginx(config: Config, dev: boolean): PreparedNginx {
  const nginx = findTool('nginx', 'nginx');
  const template = path.join(root, 'nginx.conf');
  if (!existsSync(template)) throw new Error(`nginx.conf is missing in ${root}`);

  // In development the page comes from Vite, so nginx finds no file and asks the gateway for all.
  const emptyRoot = path.join(config.runDir, 'no-files');
  mkdirSync(emptyRoot, { recursive: true });
  const adminRoot = dev ? emptyRoot : path.join(root, 'apps/admin/dist');

  const file = path.join(config.runDir, 'nginx.conf');
  writeFileSync(file, fillTemplate(readFileSync(template, 'utf8'), nginxValues(config, adminRoot, dev)));
  // "-e stderr": the log that is compiled in can't be written by other users than root
  const args = ['-e', 'stderr', '-p', config.runDir, '-c', file];
  const test = spawnSync(nginx, [...args, '-t', '-q'], { encoding: 'utf8' });
  if (test.status !== 0) throw new Error(`nginx.conf is not valid: ${firstLine(test.stderr)}`);
  return { nginx, args, file };
}

/** nginx makes them anew. They have a name only between two system calls, so what lies there was left by one that was killed. */
export function removeTemporaryFiles(runDir: string): void {
  for (const name of ['body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'])
    rmSync(path.join(runDir, `nginx-${name}`), { recursive: true, force: true });
}

const firstLine = (text: string) => text.trim().split('\n')[0] ?? '';
