import type { ChainableCommander, Redis } from 'ioredis';

type Arguments = [keys: string[], ...args: (string | number)[]];
type Commands = Record<string, ((...keysAndArguments: (string | number)[]) => Promise<unknown>) | undefined>;

export interface Script<Reply> {
  run: (redis: Redis, ...given: Arguments) => Promise<Reply>;
  /** Makes the script known to a connection; needed before a transaction that is to hold it begins. */
  define: (redis: Redis) => void;
  /** Its reply comes with those of the transaction. */
  queue: (transaction: ChainableCommander, ...given: Arguments) => void;
}

/** A Lua script. ioredis calls it by its hash, and sends it whole only where Redis does not have it. */
export function defineScript<Reply>(name: string, lua: string): Script<Reply> {
  const call = (commander: unknown, [keys, ...args]: Arguments) =>
    (commander as Commands)[name]?.(keys.length, ...keys, ...args);
  const define = (redis: Redis) => {
    if (!(redis as unknown as Commands)[name]) redis.defineCommand(name, { lua });
  };
  return {
    define,
    run(redis, ...given) {
      define(redis);
      return call(redis, given) as Promise<Reply>;
    },
    queue: (transaction, ...given) => void call(transaction, given),
  };
}
