import { execFileSync, spawnSync } from 'node:child_process';
import path from 'node:path';
import { createPodman } from '../tests/container/podman.ts';
import { printTable } from './table.ts';

const root = path.resolve(import.meta.dirname, '..');
const base = 'docker.io/library/node:24-bookworm-slim';
const image = 'localhost/slipway-bench';

type Run = (...args: string[]) => Promise<string>;

/** Builds the image for CPUs without a model, and prints how large it and its layers are beside what it is built on. */
export async function measureImage(): Promise<void> {
  const tool = ['podman', 'docker'].find((name) => spawnSync(name, ['--version']).status === 0);
  if (tool === undefined) return console.log('neither podman nor docker is installed');
  const run: Run =
    tool === 'podman' ? createPodman() : async (...args) => execFileSync(tool, args, { cwd: root, encoding: 'utf8' });
  const format = tool === 'podman' ? ['--format', 'docker'] : [];
  await run('build', ...format, '--network', 'host', '--target', 'cpu', '--tag', image, '.');
  const [whole, below] = [await bytesOf(run, image), await bytesOf(run, base)];
  const layers = await layersOf(run, image);
  const own = layers.slice(0, layers.length - (await layersOf(run, base)).length);
  await run('rmi', '--no-prune', image); // its layers stay for the next build
  printTable(
    [`layer, built with ${tool}`, 'size'],
    own.filter(({ size }) => !/^0 ?B$/.test(size)).map(({ size, what }) => [what, size]),
  );
  console.log();
  printTable(
    ['image', 'MB'],
    [
      ['cpu, no model', megabytes(whole)],
      [`its base, ${base}`, megabytes(below)],
      ['on top of the base', megabytes(whole - below)],
    ],
  );
}

async function bytesOf(run: Run, name: string): Promise<number> {
  return Number(await run('image', 'inspect', '--format', '{{.Size}}', name));
}

/** The newest first, sizes as the tool writes them. */
async function layersOf(run: Run, name: string): Promise<{ size: string; what: string }[]> {
  const lines = (await run('history', '--no-trunc', '--format', '{{.Size}}\t{{.CreatedBy}}', name)).trim().split('\n');
  return lines.map((line) => {
    const [size = '', command = ''] = line.split('\t');
    return { size, what: shortened(command) };
  });
}

/** What a layer was made by, without what the builders add. */
function shortened(command: string): string {
  const plain = command
    .replace(/^\|\d+ .*?(?=\/bin\/sh)/, '')
    .replace(/^\/bin\/sh -c (#\(nop\) )?/, '')
    .replace(/ # buildkit$/, '')
    .replace(/(dir|file|multi):[0-9a-f]+ in /, '')
    .replace(/^.*?(?=apt-get install)/s, '')
    .replaceAll(/\s+/g, ' ');
  return plain.length > 90 ? `${plain.slice(0, 89)}…` : plain;
}

const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
