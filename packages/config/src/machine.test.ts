import { expect, test } from 'vitest';
import { usableCores, usableMemory } from './machine.ts';

const files = (contents: Record<string, string>) => (file: string) => contents[file];

test.each([
  ['no cgroup', {}, 8],
  ['cgroup v2 without a quota', { '/sys/fs/cgroup/cpu.max': 'max 100000\n' }, 8],
  ['cgroup v2, two cores', { '/sys/fs/cgroup/cpu.max': '200000 100000\n' }, 2],
  ['cgroup v2, half a core', { '/sys/fs/cgroup/cpu.max': '50000 100000\n' }, 1],
  ['cgroup v2, more than there is', { '/sys/fs/cgroup/cpu.max': '1600000 100000\n' }, 8],
  ['cgroup v1 without a quota', { '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n' }, 8],
  [
    'cgroup v1, three cores',
    { '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '300000\n', '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n' },
    3,
  ],
])('%s of 8', (_name, contents, cores) => {
  expect(usableCores(files(contents), 8)).toBe(cores);
});

test('memory is the smaller of limit and machine; 0 and absurd limits mean none', () => {
  expect(usableMemory(1e9, 8e9)).toBe(1e9);
  expect(usableMemory(0, 8e9)).toBe(8e9);
  expect(usableMemory(2 ** 63, 8e9)).toBe(8e9);
});
