import { type Limits, planBatches, type Sharing } from './plan-batches.ts';

/** How long the first item waits for others, in milliseconds. */
export const gatherMs = 5;

export interface MicroBatchOptions<Item, Result> {
  /** Computes some items at once; the results are in their order. The event loop must turn between two calls. */
  runBatch: (items: Item[]) => Promise<Result[]>;
  /** Tells which items may be computed at once. Asked once, when the first two are there. */
  measureSharing: () => Promise<Sharing>;
  limits: Limits;
  /** Calls `run` when no more items are waited for; tests do so by hand. */
  schedule?: (run: () => void) => void;
}

export interface MicroBatch<Item, Result> {
  /**
   * Computes one item, with others that came meanwhile. `length`: what it costs beside others, for a text its tokens.
   * Rejects with what the item itself caused, or at once with the signal's reason: an item that nobody waits for any
   * more is left out of what has not begun.
   */
  add(item: Item, length: number, signal: AbortSignal): Promise<Result>;
}

interface Row<Item, Result> {
  item: Item;
  length: number;
  settled: boolean;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

/**
 * Computes items that come at about the same time together, in as few calls as is good for them.
 *
 * For classification only. There every item takes one forward pass, and most of a short text's pass goes into reading
 * the weights, once for all. Generation is one pass for each token: items would have to join and leave a running batch,
 * and the library's own batches go wrong where one of their texts ends before the others.
 */
export function createMicroBatch<Item, Result>(options: MicroBatchOptions<Item, Result>): MicroBatch<Item, Result> {
  const { runBatch, measureSharing, limits, schedule = (run) => setTimeout(run, gatherMs) } = options;
  let waiting: Row<Item, Result>[] = [];
  let scheduled = false;
  let sharing: Sharing | undefined;

  /** What comes meanwhile waits for the next round, so that a short item cannot pass a long one again and again. */
  async function runAll(): Promise<void> {
    while (waiting.length > 0) {
      const round = waiting.filter(({ settled }) => !settled);
      waiting = [];
      if (round.length > 1) sharing ??= await measure();
      for (const batch of planBatches(round, sharing ?? 'never', limits)) await runRows(batch);
    }
    scheduled = false;
  }

  async function measure(): Promise<Sharing> {
    try {
      return await measureSharing();
    } catch {
      return 'never';
    }
  }

  async function runRows(batch: Row<Item, Result>[]): Promise<void> {
    const rows = batch.filter(({ settled }) => !settled);
    if (rows.length === 0) return;
    try {
      const results = await runBatch(rows.map(({ item }) => item));
      if (results.length !== rows.length) throw new Error(`${results.length} results for ${rows.length} items`);
      for (const [i, row] of rows.entries()) row.resolve(results[i] as Result);
    } catch (error) {
      if (rows.length === 1) rows[0]?.reject(error);
      // one of them may be at fault: the others must not fail with it
      else for (const row of rows) await runRows([row]);
    }
  }

  return {
    add: (item, length, signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        const abort = () => row.reject(signal.reason);
        const settle = () => {
          row.settled = true;
          signal.removeEventListener('abort', abort);
        };
        const row: Row<Item, Result> = {
          item,
          length,
          settled: false,
          resolve(result) {
            settle();
            resolve(result);
          },
          reject(error) {
            settle();
            reject(error);
          },
        };
        signal.addEventListener('abort', abort);
        waiting.push(row);
        if (scheduled) return;
        scheduled = true;
        schedule(() => void runAll());
      }),
  };
}
