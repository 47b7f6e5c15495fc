/** A closing mark of any script, the Greek question mark, or Thai and Lao, which have none. */
const finished = /(?:[\p{STerm}…\u0e00-\u0eff]|[\u0370-\u03ff][;\u037e])["'”’»›」』）)\]*]*$/u;
const interruption = / –/g;

/** What a sentence gains by announcing what the text is about. From 1.3 to 2 it makes little difference. */
const announcement = 1.5;

export interface Sentences {
  texts: string[];
  /** In words. */
  lengths: number[];
  /** TextRank of each, and likeness to the whole text, both in units of their own. */
  ranks: Float64Array;
  likeness: Float64Array;
  announcing: boolean[];
}

/**
 * How much each sentence should be in a summary, 0..1, the best one 1: how central it is (half TextRank, half likeness to
 * the whole text: the one is better on talk, the other on stories) and a bonus for coming early, times a window on its
 * length (short ones say little, long ones eat the budget: full marks from 15 to 25 words), times its fluency. The
 * constants lie where meetings, stories and abstracts all hardly notice a change: see docs/performance.md.
 */
export function scoreSentences({ texts, lengths, ranks, likeness, announcing }: Sentences): Float64Array {
  const mostRank = greatest(ranks) || 1;
  const mostLikeness = greatest(likeness) || 1;
  const scores = ranks.map((rank, place) => {
    const text = texts[place] as string;
    const length = lengths[place] as number;
    const window = length === 0 ? 0 : Math.min(1, length / 15) * Math.min(1, 25 / length);
    const central = 0.5 * (rank / mostRank) + 0.5 * ((likeness[place] as number) / mostLikeness);
    const score = (central + 0.5 * Math.exp(-place / 5)) * window * fluency(text);
    return announcing[place] ? announcement * score : score;
  });
  const best = greatest(scores) || 1;
  return scores.map((score) => score / best);
}

function greatest(values: Float64Array): number {
  return values.reduce((most, value) => Math.max(most, value), 0);
}

/** Headings and what speakers broke off read badly in a summary. */
function fluency(text: string): number {
  const interruptions = text.match(interruption)?.length ?? 0;
  return (finished.test(text) ? 1 : 0.5) / (1 + interruptions);
}
