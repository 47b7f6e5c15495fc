import { availableParallelism, totalmem } from 'node:os';
import { readIfThere } from './read-if-there.ts';

type Read = (file: string) => string | undefined;

/**
 * Cores that this process may really use: the cgroup's quota where there is one (version 2, then 1), else what the
 * system shows. Inside a container the system shows the host's cores.
 */
export function usableCores(read: Read = readIfThere, shown = availableParallelism()): number {
  const quota = quotaV2(read) ?? quotaV1(read);
  return quota === undefined ? shown : Math.max(1, Math.min(shown, Math.floor(quota)));
}

/** Bytes of memory that this process may really use. Inside a container the system shows the host's memory. */
export function usableMemory(limit = process.constrainedMemory(), shown = totalmem()): number {
  return limit > 0 ? Math.min(limit, shown) : shown;
}

function quotaV2(read: Read): number | undefined {
  const [quota, period] = read('/sys/fs/cgroup/cpu.max')?.trim().split(' ') ?? [];
  return quota === undefined || quota === 'max' ? undefined : Number(quota) / Number(period);
}

function quotaV1(read: Read): number | undefined {
  const quota = Number(read('/sys/fs/cgroup/cpu/cpu.cfs_quota_us') ?? -1);
  const period = Number(read('/sys/fs/cgroup/cpu/cpu.cfs_period_us') ?? 0);
  return quota > 0 && period > 0 ? quota / period : undefined;
}
