// Makes a flat (hoisted) production node_modules as small as what really runs needs; the Dockerfile calls it.
//   node scripts/prune.ts <node_modules> <package.json>…
// Kept: the dependencies of the manifests named and all that they need in turn. Optional dependencies of the manifests
// themselves go: they are the Node binaries for machines with an older Node, and the image has its own.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';

/** Declared by a package that we keep, but never loaded here. Each with its reason. */
const neverLoaded = new Set([
  'onnxruntime-web', // runs models in a browser; transformers.node.mjs does not import it
  'adm-zip', // unpacks CUDA libraries in the install script of onnxruntime-node
  'global-agent', // fetches them
  '@pm2/blessed', // draws `pm2 monit`
  'pm2-deploy', // `pm2 deploy`
  'proxy-agent', // the agent of pm2's own cloud, which is never started
  'fast-json-patch', // so is this
]);

const native = `onnxruntime-node/bin/napi-v6/${process.platform}/${process.arch}`;

/** Files inside kept packages that go. `keep` names what stays in `folder`; everything else there is removed. */
const trims = [
  { folder: '@huggingface/transformers', keep: ['package.json', 'LICENSE', 'dist'] },
  { folder: '@huggingface/transformers/dist', keep: ['transformers.node.mjs'] },
  { folder: 'onnxruntime-node', keep: ['package.json', 'dist', 'bin'] },
  { folder: 'onnxruntime-node/bin/napi-v6', keep: [process.platform] },
  { folder: `onnxruntime-node/bin/napi-v6/${process.platform}`, keep: [process.arch] },
];

interface Manifest {
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

/** Throws where a manifest or a required dependency is missing, or where a trim would leave nothing of its package. */
export function prune(nodeModules: string, manifests: string[]): void {
  const kept = new Set<string>();
  for (const manifest of manifests) {
    const own = Object.entries(readManifest(manifest).dependencies ?? {});
    const installed = own.filter(([, range]) => !range.startsWith('workspace:'));
    for (const [name] of installed) reach(path.resolve(nodeModules), path.resolve(nodeModules), name, kept);
  }
  for (const entry of entries(nodeModules)) if (!kept.has(path.resolve(entry))) remove(entry);
  for (const { folder, keep } of trims) trim(path.join(nodeModules, folder), keep);
  dropProviders(path.join(nodeModules, native));
}

/** Adds the folder of `name`, as Node would find it from `from`, and of all that it depends on. */
function reach(root: string, from: string, name: string, kept: Set<string>, optional = false): void {
  if (neverLoaded.has(name)) return;
  const folder = find(root, from, name);
  if (folder === undefined && optional) return;
  if (folder === undefined) throw new Error(`${name}, needed by ${from}, is not installed`);
  if (kept.has(folder)) return;
  kept.add(folder);
  const { dependencies = {}, optionalDependencies = {} } = readManifest(path.join(folder, 'package.json'));
  for (const next of Object.keys(optionalDependencies)) reach(root, folder, next, kept, true);
  const required = Object.keys(dependencies).filter((next) => !(next in optionalDependencies));
  for (const next of required) reach(root, folder, next, kept);
}

function find(root: string, from: string, name: string): string | undefined {
  for (let at = from; at.startsWith(root); at = path.dirname(at)) {
    const folder = at === root ? path.join(root, name) : path.join(at, 'node_modules', name);
    if (existsSync(path.join(folder, 'package.json'))) return folder;
  }
  return undefined;
}

/** What lies right under node_modules and its scopes; `.bin` and the installer's notes too, which nothing uses at run time. */
function entries(nodeModules: string): string[] {
  return children(nodeModules).flatMap((entry) => (path.basename(entry).startsWith('@') ? children(entry) : entry));
}

function trim(folder: string, keep: string[]): void {
  if (!existsSync(folder)) return;
  const missing = keep.filter((name) => !existsSync(path.join(folder, name)));
  if (missing.length > 0)
    throw new Error(`${folder} has no ${missing.join(', ')}: the package changed, look at the trims`);
  for (const child of children(folder)) if (!keep.includes(path.basename(child))) remove(child);
}

/** What runs models on graphics cards, should the package bring it: 300 MB, which the target cuda puts back. */
function dropProviders(folder: string): void {
  if (!existsSync(folder)) return;
  for (const child of children(folder)) if (path.basename(child).startsWith('libonnxruntime_providers_')) remove(child);
}

function children(folder: string): string[] {
  return readdirSync(folder).map((name) => path.join(folder, name));
}

function readManifest(file: string): Manifest {
  return JSON.parse(readFileSync(file, 'utf8')) as Manifest;
}

function remove(target: string): void {
  rmSync(target, { recursive: true, force: true });
}

if (import.meta.main) {
  const [nodeModules, ...manifests] = process.argv.slice(2);
  if (nodeModules === undefined || manifests.length === 0)
    throw new Error('usage: prune.ts <node_modules> <package.json>…');
  prune(nodeModules, manifests);
}
