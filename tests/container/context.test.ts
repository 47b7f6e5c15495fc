import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { neededFiles, secretOrMadeFiles, sourceFiles } from '../service-files.ts';
import { root } from '../stack.ts';
import { createPodman } from './podman.ts';

const missing = spawnSync('podman', ['--version']).status === 0 ? undefined : 'podman is not installed';

test.skipIf(missing)(
  `of a service what it needs gets into the image${missing ? ` (skipped: ${missing})` : ''}`,
  async () => {
    const dir = await mkdtemp(path.join(tmpdir(), 'slipway-context-'));
    onTestFinished(() => rm(dir, { recursive: true }));
    for (const file of [...neededFiles, ...sourceFiles, ...secretOrMadeFiles]) {
      const full = path.join(dir, 'services/one', file);
      await mkdir(path.dirname(full), { recursive: true });
      await writeFile(full, '');
    }
    await cp(path.join(root, '.dockerignore'), path.join(dir, '.dockerignore'));
    await writeFile(path.join(dir, 'Dockerfile'), 'FROM scratch\nCOPY services services\n');
    const output = path.join(dir, 'out');
    const [podman, image] = [createPodman(), `localhost/slipway-context:${process.pid}`];
    onTestFinished(async () => void (await podman('rmi', '--force', image)));
    await podman('build', '--quiet', '-t', image, '--output', `type=local,dest=${output}`, dir);
    const entries = await readdir(path.join(output, 'services/one'), { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    const names = files.map(({ parentPath, name }) =>
      path.relative(path.join(output, 'services/one'), path.join(parentPath, name)),
    );
    expect(names.toSorted()).toEqual(neededFiles.toSorted());
  },
);
