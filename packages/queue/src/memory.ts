import type { Redis } from 'ioredis';

export interface Memory {
  /** Bytes that Redis holds. */
  used: number;
  /** Bytes that it may hold; 0 where it has no limit. */
  limit: number;
}

export async function readMemory(redis: Redis): Promise<Memory> {
  return parseMemory(await redis.info('memory'));
}

export function parseMemory(info: string): Memory {
  const number = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1] ?? 0);
  return { used: number('used_memory'), limit: number('maxmemory') };
}
