import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { root } from './stack.ts';

const run = promisify(execFile);

/** A copy of this checkout that a test may change, as somebody who forks it would. */
export type Fork = Awaited<ReturnType<typeof fork>>;

/** Copies what runs and what is tested; `more` names entries besides. */
export async function fork(...more: string[]) {
  const dir = await mkdtemp(path.join(tmpdir(), 'slipway-fork-'));
  // links between the workspaces are relative: copied as they are, they lead to the copy
  for (const entry of [
    'apps',
    'packages',
    'models',
    'scripts',
    'bench',
    'tests',
    'node_modules/@slipway',
    'ecosystem.config.cjs',
    'nginx.conf',
    'package.json',
    'tsconfig.base.json',
    'tsconfig.json',
    'vitest.config.ts',
    ...more,
  ])
    await cp(path.join(root, entry), path.join(dir, entry), { recursive: true, verbatimSymlinks: true });
  // all but our own rooms, which must be those of the copy
  const installed = await readdir(path.join(root, 'node_modules'));
  for (const entry of installed.filter((name) => name !== '@slipway'))
    await symlink(path.join(root, 'node_modules', entry), path.join(dir, 'node_modules', entry));

  const inFork = (file: string) => path.join(dir, file);
  const node = (cwd: string, ...args: string[]) => run(process.execPath, args, { cwd: inFork(cwd) });

  return {
    dir,
    inFork,
    node,
    /** The faults that `npm run check` finds in the types. */
    async typeFaults(): Promise<string[]> {
      const { scripts } = JSON.parse(await readFile(inFork('package.json'), 'utf8'));
      const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
      const { stdout } = await node('.', tsc, ...(scripts.typecheck as string).split(' ').slice(1)).catch(
        (fault: { stdout: string }) => fault,
      );
      return stdout.split('\n').filter((line) => /error TS/.test(line));
    },
    async edit(file: string, find: string, replace: string): Promise<void> {
      const text = await readFile(inFork(file), 'utf8');
      expect(text).toContain(find);
      await writeFile(inFork(file), text.replace(find, replace));
    },
    /** Bundles what runs, each app as its own build script says. */
    async bundle(): Promise<void> {
      for (const app of ['gateway', 'worker', 'courier', 'launcher']) {
        const { scripts } = JSON.parse(await readFile(inFork(`apps/${app}/package.json`), 'utf8'));
        await node(`apps/${app}`, ...(scripts.build as string).split(' ').slice(1));
      }
    },
    remove: () => rm(dir, { recursive: true, force: true }),
  };
}
