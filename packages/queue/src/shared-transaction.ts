import { createIORedisClient, type IRedisTransaction } from 'bullmq';
import type { ChainableCommander, Redis } from 'ioredis';

export type Transaction = IRedisTransaction & ChainableCommander;
type Reply = [error: Error | null, reply: unknown];

interface Part {
  add: (transaction: Transaction) => void;
  resolve: (replies: unknown[]) => void;
  reject: (error: unknown) => void;
}

const waiting = new WeakMap<Redis, Part[]>();

/**
 * Adds commands to a transaction and resolves with their replies. What comes in the same turn of the event loop shares one
 * transaction: to make one and to write it to the socket costs more than a whole submission besides (docs/performance.md).
 * Commands that fail reject only the part that they are of. `add` must queue its commands at once.
 */
export function inSharedTransaction(redis: Redis, add: Part['add']): Promise<unknown[]> {
  return new Promise((resolve, reject) => {
    const parts = waiting.get(redis);
    if (parts) parts.push({ add, resolve, reject });
    else {
      waiting.set(redis, [{ add, resolve, reject }]);
      setImmediate(() => void commit(redis));
    }
  });
}

async function commit(redis: Redis): Promise<void> {
  const parts = waiting.get(redis) ?? [];
  waiting.delete(redis);
  try {
    // what BullMQ gives back is the connection's own transaction with its scripts besides
    const transaction = createIORedisClient(redis).multi() as Transaction;
    const first = transaction.length;
    const ends = parts.map(({ add }) => {
      add(transaction);
      return transaction.length - first;
    });
    const replies = ((await transaction.exec()) ?? []) as Reply[];
    for (const [i, { resolve, reject }] of parts.entries()) {
      const own = replies.slice(ends[i - 1] ?? 0, ends[i]);
      const failed = own.find(([error]) => error);
      if (failed) reject(failed[0]);
      else resolve(own.map(([, reply]) => reply));
    }
  } catch (error) {
    for (const { reject } of parts) reject(error);
  }
}
