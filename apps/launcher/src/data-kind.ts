import { existsSync, realpathSync } from 'node:fs';
import type { DataKind } from '@slipway/contract/data-folder';
import { readIfThere } from './read-if-there.ts';

export interface Surroundings {
  /** Linux' /proc/self/mountinfo; undefined elsewhere. */
  mounts: string | undefined;
  inContainer: boolean;
  onSpace: boolean;
}

export interface FoundKind {
  kind: DataKind;
  /** What follows "the data folder …". */
  reason: string;
}

/** File systems over a network or shared with a host: no place for a database that trusts fsync. */
const remote = /^(fuse\..*|fuse|nfs\d*|cifs|smb\d*|9p|virtiofs|ceph|glusterfs|lustre|afs)$/;
const layered = /^(overlay|aufs|fuse\.fuse-overlayfs)$/;
const inMemory = /^(tmpfs|ramfs)$/;

/** What a folder that can be written is, by the file system that it lies on. */
export function kindOf(dir: string, { mounts, inContainer, onSpace }: Surroundings): FoundKind {
  if (mounts === undefined) return { kind: 'disk', reason: 'is on a disk of this machine' };
  const { point, type } = mountOf(dir, mounts);
  if (inMemory.test(type)) return { kind: 'ephemeral', reason: `lies in memory (${type})` };
  if (layered.test(type) || (point === '/' && (inContainer || onSpace)))
    return { kind: 'ephemeral', reason: 'is part of the container: no volume is mounted there' };
  // on a Space a mounted volume is a storage bucket, whatever its file system calls itself
  if (onSpace || remote.test(type))
    return { kind: 'bucket', reason: `is a mounted bucket or network volume (${type})` };
  return { kind: 'disk', reason: `is on a disk (${type})` };
}

export function surroundings(onSpace: boolean): Surroundings {
  const inContainer = existsSync('/.dockerenv') || existsSync('/run/.containerenv');
  return { mounts: readIfThere('/proc/self/mountinfo'), inContainer, onSpace };
}

interface Mount {
  point: string;
  type: string;
}

/** The mount that the folder lies in: the longest mount point above it; of several at one point, the last. */
function mountOf(dir: string, mounts: string): Mount {
  const real = existsSync(dir) ? realpathSync(dir) : dir;
  let found: Mount = { point: '', type: 'unknown' };
  for (const line of mounts.split('\n')) {
    const [before = '', after = ''] = line.split(' - ');
    const point = (before.split(' ')[4] ?? '').replace(/\\([0-7]{3})/g, (_, code) =>
      String.fromCharCode(parseInt(code, 8)),
    );
    const isAbove = point === '/' || point === real || real.startsWith(`${point}/`);
    if (point !== '' && isAbove && point.length >= found.point.length)
      found = { point, type: after.split(' ')[0] ?? '' };
  }
  return found;
}
