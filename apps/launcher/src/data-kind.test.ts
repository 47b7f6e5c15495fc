import { expect, test } from 'vitest';
import { kindOf } from './data-kind.ts';

const mounts = [
  '21 1 0:19 / / rw,relatime shared:1 - ext4 /dev/vda1 rw',
  '22 21 0:20 / /dev/shm rw - tmpfs shm rw',
  '23 21 0:21 / /data rw,nosuid - ext4 /dev/vdb rw',
  '24 21 0:22 / /bucket rw shared:2 master:3 - fuse.hf-mount hf rw',
  '25 21 0:23 / /nfs rw - nfs4 server:/x rw',
  '26 21 0:24 / /with\\040blank rw - nfs hub:/x rw',
  '27 21 0:25 / /over rw - ext4 /dev/vdc rw',
  '28 27 0:26 / /over rw - fuse.s3fs s3 rw',
].join('\n');
const overlay = '21 1 0:19 / / rw,relatime - overlay overlay rw\n30 21 0:30 / /data rw - xfs /dev/vdb rw';

const machine = { mounts, inContainer: false, onSpace: false };
const container = { mounts: overlay, inContainer: true, onSpace: false };

test.each([
  ['/home/me/data', machine, 'disk'],
  ['/data', machine, 'disk'],
  ['/dev/shm/data', machine, 'ephemeral'],
  ['/bucket', machine, 'bucket'],
  ['/bucket/below', machine, 'bucket'],
  ['/bucketful', machine, 'disk'],
  ['/nfs/x', machine, 'bucket'],
  ['/with blank/x', machine, 'bucket'],
  ['/over/x', machine, 'bucket'], // what is mounted last hides the rest
  ['/elsewhere', container, 'ephemeral'],
  ['/data/x', container, 'disk'],
  ['/elsewhere', { ...machine, inContainer: true }, 'ephemeral'], // a container's root that is no overlay
  ['/data/x', { ...container, onSpace: true }, 'bucket'],
  ['/elsewhere', { ...container, onSpace: true }, 'ephemeral'],
  ['/data', { ...machine, mounts: undefined }, 'disk'], // not Linux
] as const)('point 36: %s with %o', (dir, where, kind) => {
  expect(kindOf(dir, where).kind).toBe(kind);
});
