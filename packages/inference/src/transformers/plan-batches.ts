import type { Device } from '@slipway/contract/engines';

/** Which items may share a forward pass without changing one another's results. */
export type Sharing = 'any length' | 'equal length' | 'never';

export interface Limits {
  maxRows: number;
  /** Rows × the longest of them: what a pass computes, padding included. */
  maxCells: number;
}

/**
 * One core has nothing to gain beyond some hundred tokens a pass: with a model of DistilBERT's size in fp32, a row of 8
 * tokens takes 14.6 ms alone and 7.7 ms among 16, one of 64 tokens 63 and 60 ms. A longer pass would only keep a cancel
 * waiting. Graphics cards gain further.
 */
export function batchLimits(device: Device): Limits {
  return { maxRows: 16, maxCells: device === 'cpu' ? 512 : 4096 };
}

/** The longest of a batch is at most this many times as long as its shortest: at most half of a row is padding. */
const maxStretch = 2;

/** Puts rows into batches, the shortest first. A row that exceeds the limits by itself gets a batch of its own. */
export function planBatches<Row extends { length: number }>(rows: Row[], sharing: Sharing, limits: Limits): Row[][] {
  const stretch = sharing === 'any length' ? maxStretch : 1;
  const maxRows = sharing === 'never' ? 1 : limits.maxRows;
  const batches: Row[][] = [];
  let batch: Row[] = [];
  let longest = 0;
  for (const row of rows.toSorted((a, b) => a.length - b.length)) {
    const fits = batch.length < maxRows && (batch.length + 1) * row.length <= limits.maxCells && row.length <= longest;
    if (!fits) {
      batch = [];
      batches.push(batch);
      longest = row.length * stretch;
    }
    batch.push(row);
  }
  return batches;
}
