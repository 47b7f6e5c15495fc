/** A closing mark of any script, the Greek question mark, or Thai and Lao, which have none. */
const finished = /(?:[.!?…。！？．।॥؟۔։።፧\u0e00-\u0eff]|[\u0370-\u03ff][;\u037e])["'”’»›」』）)\]*]*$/;
const interruption = / –/g;

/**
 * How much each sentence should be in a summary, 0..1, the best one 1: its TextRank and a bonus for coming early, times a
 * window on its length (short ones say little, long ones eat the budget: full marks from 15 to 25 words), times its
 * fluency. The constants were chosen once on meetings, stories and abstracts; the window matters most. `lengths` are in
 * words.
 */
export function scoreSentences(texts: string[], lengths: number[], ranks: Float64Array): Float64Array {
  const mostRank = ranks.reduce((most, rank) => Math.max(most, rank), 0) || 1;
  const scores = ranks.map((rank, place) => {
    const length = lengths[place] ?? 0;
    const window = length === 0 ? 0 : Math.min(1, length / 15) * Math.min(1, 25 / length);
    return (rank / mostRank + 0.3 * Math.exp(-place / 5)) * window * fluency(texts[place] ?? '');
  });
  const best = scores.reduce((most, score) => Math.max(most, score), 0) || 1;
  return scores.map((score) => score / best);
}

/** Headings and what speakers broke off read badly in a summary. */
function fluency(text: string): number {
  const interruptions = text.match(interruption)?.length ?? 0;
  return (finished.test(text) ? 1 : 0.5) / (1 + interruptions);
}
