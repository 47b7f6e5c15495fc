import { type ExecFileOptions, execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { root } from '../stack.ts';

const run = promisify(execFile);
const baseImage = 'docker.io/library/node:24-bookworm-slim';

/** podman with settings of its own, so that it works without a systemd session and changes none of the system's. */
export type Podman = (...args: string[]) => Promise<string>;

export function createPodman(): Podman {
  const dir = mkdtempSync(path.join(tmpdir(), 'slipway-podman-'));
  const file = path.join(dir, 'containers.conf');
  const openFiles = spawnSync('bash', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }).stdout.trim();
  const processes = Math.min(32_768, Number(readFileSync('/proc/sys/kernel/pid_max', 'utf8')));
  writeFileSync(
    file,
    `[containers]
default_ulimits = ["nofile=${openFiles}:${openFiles}", "nproc=${processes}:${processes}"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
`,
  );
  const options: ExecFileOptions = {
    cwd: root,
    env: { ...process.env, CONTAINERS_CONF: file },
    maxBuffer: 64 * 1024 ** 2,
    encoding: 'utf8',
  };
  return async (...args) => String((await run('podman', args, options)).stdout).trim();
}

/** Why the image can't be built here, or undefined where it can. */
export function whyNoContainer(): string | undefined {
  const has = (...args: string[]) => spawnSync('podman', args).status === 0;
  if (!has('--version')) return 'podman is not installed';
  if (!has('image', 'exists', baseImage)) return `the base image is not in podman's store: podman pull ${baseImage}`;
  return undefined;
}
