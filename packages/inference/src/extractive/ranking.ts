import type { Pace } from './pace.ts';
import type { WordTable } from './table.ts';

/** Share of a sentence's rank that comes from the others (PageRank's damping). */
const damping = 0.85;
const rounds = 30;
/** A round that changes no rank by more than this is the last. */
const stillness = 1e-4;

/**
 * TextRank of each sentence (Mihalcea & Tarau, "TextRank: Bringing Order into Texts", EMNLP 2004): sentences recommend
 * each other by the words they share, and PageRank over that graph says which are central.
 *
 * Two changes to the paper's similarity. A shared word counts the square root of its IDF instead of 1, so that "the" and
 * "of" recommend nobody. And the sum is divided by √(log|a|·log|b|) instead of log|a| + log|b|: the two hardly differ for
 * sentences of like length, but this one factors, so that a round passes each word's ranks on through the word itself,
 * and costs the number of words where the paper's graph costs the square of the number of sentences.
 *
 * `lengths` are in words. `done` in the pace's reports is a share of the most rounds there can be.
 */
export async function textRank(table: WordTable, lengths: number[], pace: Pace): Promise<Float64Array> {
  const weights = table.idf.map(Math.sqrt);
  const scales = Float64Array.from(lengths, (length) => 1 / Math.sqrt(Math.log(2 + length)));
  const recommend = (ranks: Float64Array) => passOn(table, weights, scales, ranks);
  const degrees = recommend(new Float64Array(lengths.length).fill(1));
  let ranks: Float64Array = new Float64Array(lengths.length).fill(1);
  for (let round = 0; round < rounds; round++) {
    if (pace.due()) await pace.rest('ranking', round / rounds);
    const shares = ranks.map((rank, row) => ((degrees[row] as number) > 1e-9 ? rank / (degrees[row] as number) : 0));
    const next = recommend(shares).map((received) => 1 - damping + damping * received);
    const change = next.reduce((most, rank, row) => Math.max(most, Math.abs(rank - (ranks[row] as number))), 0);
    ranks = next;
    if (change < stillness) break;
  }
  return ranks;
}

/** What each sentence receives when each hands its amount to the others by similarity. */
function passOn(table: WordTable, weights: Float64Array, scales: Float64Array, amounts: Float64Array): Float64Array {
  const { starts, words } = table;
  const totals = new Float64Array(weights.length);
  for (let row = 0; row < amounts.length; row++) {
    const amount = (amounts[row] as number) * (scales[row] as number);
    const end = starts[row + 1] as number;
    for (let entry = starts[row] as number; entry < end; entry++) {
      const word = words[entry] as number;
      totals[word] = (totals[word] as number) + amount;
    }
  }
  return amounts.map((own, row) => {
    const scale = scales[row] as number;
    const end = starts[row + 1] as number;
    let received = 0;
    for (let entry = starts[row] as number; entry < end; entry++) {
      const word = words[entry] as number;
      // nobody recommends himself
      received += (weights[word] as number) * ((totals[word] as number) - own * scale);
    }
    return received * scale;
  });
}
