import type { Labels } from '@slipway/contract/labels';
import type { Sharing } from './plan-batches.ts';

/** How far a score may be off, as a share of it, when a row is computed with others: float32 in another order. */
const tolerance = 1e-4;

type Run<Item> = (items: Item[]) => Promise<Labels[]>;

/**
 * Finds out by trying which items may share a forward pass: a declared attention mask is no proof that a model heeds
 * it, and 8-bit activations may be scaled by the greatest of a whole batch, so that a result would depend on what else
 * happened to be asked. `equal` have the same length each, those of `mixed` differ.
 */
export async function measureSharing<Item>(run: Run<Item>, equal: Item[], mixed: Item[] = []): Promise<Sharing> {
  if (!(await givesTheSame(run, equal))) return 'never';
  return (await givesTheSame(run, mixed)) ? 'any length' : 'equal length';
}

/** Does a batch give what its items give one by one? A model that takes no batch at all gives nothing. */
async function givesTheSame<Item>(run: Run<Item>, items: Item[]): Promise<boolean> {
  if (items.length < 2) return false;
  const single: Labels[] = [];
  for (const item of items) single.push(...(await run([item])));
  const together = await run(items).catch(() => []);
  return together.length === items.length && together.every((labels, i) => areClose(labels, single[i] ?? []));
}

function areClose(some: Labels, others: Labels): boolean {
  const scores = new Map(others.map(({ label, score }) => [label, score]));
  return some.every(({ label, score }) => {
    const other = scores.get(label) ?? Number.NaN;
    return Math.abs(score - other) <= tolerance * Math.max(score, other);
  });
}

const words = ['good', 'bad', 'house', 'the', 'not', '7'];

/** Short texts to measure with, `count` telling their tokens: some of equal length, some of others. */
export function textProbes(count: (text: string) => number): { equal: string[]; mixed: string[] } {
  const repeated = (times: number) => words.map((word) => Array(times).fill(word).join(' '));
  const groups = Map.groupBy(repeated(6), count);
  const equal = [...groups.values()].reduce((largest, group) => (group.length > largest.length ? group : largest), []);
  return { equal, mixed: [6, 8, 10, 12, 9, 7].flatMap((times, i) => repeated(times)[i] ?? []) };
}

/** Small images to measure with, of width × height × 3 bytes: a slope of light in different directions. */
export function imageProbes<Image>(makeImage: (data: Uint8Array, width: number, height: number) => Image): Image[] {
  const side = 64;
  return [1, 5, 11].map((step) =>
    makeImage(
      Uint8Array.from({ length: side * side * 3 }, (_, i) => (i * step + (i >> 7)) % 256),
      side,
      side,
    ),
  );
}
