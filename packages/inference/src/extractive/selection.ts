import type { Pace } from './pace.ts';
import { invert, type WordTable } from './table.ts';
import { unitVectors } from './vectors.ts';

/** How much a score counts against likeness to what is chosen already. */
const relevance = 0.8;

export interface Budget {
  /** Of the whole summary, in words. */
  min: number;
  max: number;
}

export interface Choices {
  /** 0..1, the best one 1. */
  scores: Float64Array;
  /** Of the budget, in words. */
  costs: number[];
  /** Equal keys are equal sentences: only the first is chosen. */
  keys: string[];
  /** Too short to say anything: chosen only to reach the budget's minimum. */
  short: boolean[];
}

/**
 * The rows of the sentences to print, in the document's order: the best ones that fit, each as unlike those before it as
 * can be. Maximal marginal relevance (Carbonell & Goldstein, "The Use of MMR, Diversity-Based Reranking", SIGIR 1998),
 * likeness being the cosine of TF-IDF vectors. Always at least one row. That one may be over the budget, to be cut: it
 * counts by the share that fits, so that a budget below the usual sentence does not go to whatever happens to be short.
 */
export async function selectSentences(
  table: WordTable,
  choices: Choices,
  budget: Budget,
  pace: Pace,
): Promise<number[]> {
  const { scores, costs, keys, short } = choices;
  const likenessTo = createLikeness(table);
  const likeness = new Float64Array(scores.length);
  const chosen: number[] = [];
  const taken = new Set<string>();
  let used = 0;
  const pick = (allowed: (row: number) => boolean): boolean => {
    let best = -1;
    let most = Number.NEGATIVE_INFINITY;
    for (let row = 0; row < scores.length; row++) {
      const share = Math.min(1, budget.max / (costs[row] as number));
      const gain = relevance * share * (scores[row] as number) - (1 - relevance) * (likeness[row] as number);
      if (gain > most && allowed(row) && !taken.has(keys[row] as string)) {
        best = row;
        most = gain;
      }
    }
    if (best < 0) return false;
    chosen.push(best);
    taken.add(keys[best] as string);
    used += costs[best] as number;
    for (const [row, like] of likenessTo(best).entries()) likeness[row] = Math.max(likeness[row] as number, like);
    return true;
  };
  const fits = (row: number) => used + (costs[row] as number) <= budget.max;

  if (!pick((row) => !short[row])) pick(() => true);
  while (pick((row) => fits(row) && !short[row])) if (pace.due()) await pace.rest('selecting', used / budget.max);
  while (used < budget.min && pick(fits)) if (pace.due()) await pace.rest('selecting', used / budget.max);
  return chosen.sort((a, b) => a - b);
}

/** TF-IDF cosine of one sentence with every other, through the words it has: nothing is kept for pairs. */
function createLikeness(table: WordTable): (row: number) => Float64Array {
  const { starts, words } = table;
  const index = invert(table);
  const values = unitVectors(table);
  return (row) => {
    const products = new Float64Array(starts.length - 1);
    for (let entry = starts[row] as number; entry < (starts[row + 1] as number); entry++) {
      const word = words[entry] as number;
      const value = values[entry] as number;
      for (let place = index.starts[word] as number; place < (index.starts[word + 1] as number); place++) {
        const other = index.rows[place] as number;
        products[other] = (products[other] as number) + value * (values[index.entries[place] as number] as number);
      }
    }
    return products;
  };
}
