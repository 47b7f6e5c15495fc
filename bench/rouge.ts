/**
 * ROUGE (Lin, "ROUGE: A Package for Automatic Evaluation of Summaries", 2004): how much of a reference summary's words a
 * summary has, and how much of the summary is the reference's, as one F1 in 0..1.
 *
 * Words are lower-cased runs of letters and digits; there is no stemming and no list of stop words. ROUGE-L takes the
 * longest common subsequence of the two whole texts, not sentence by sentence. A document's score is the mean over its
 * references.
 */
export interface Rouge {
  /** Single words in common. */
  one: number;
  /** Pairs of neighbours in common. */
  two: number;
  /** Longest common subsequence. */
  longest: number;
}

export const measures: { label: string; of: (score: Rouge) => number }[] = [
  { label: 'ROUGE-1', of: ({ one }) => one },
  { label: 'ROUGE-2', of: ({ two }) => two },
  { label: 'ROUGE-L', of: ({ longest }) => longest },
];

export function rouge(summary: string, references: string[]): Rouge {
  const words = wordsOf(summary);
  const scores = references.map((reference) => rougeOfWords(words, wordsOf(reference)));
  const mean = (pick: (score: Rouge) => number) =>
    scores.reduce((sum, score) => sum + pick(score), 0) / Math.max(1, scores.length);
  return { one: mean(({ one }) => one), two: mean(({ two }) => two), longest: mean(({ longest }) => longest) };
}

export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
}

function rougeOfWords(words: string[], reference: string[]): Rouge {
  return {
    one: f1(common(words, reference), words.length, reference.length),
    two: f1(common(pairs(words), pairs(reference)), words.length - 1, reference.length - 1),
    longest: f1(longestCommonSubsequence(words, reference), words.length, reference.length),
  };
}

/** Harmonic mean of shared / made and shared / wanted. */
function f1(shared: number, made: number, wanted: number): number {
  return shared === 0 ? 0 : (2 * shared) / (made + wanted);
}

function pairs(words: string[]): string[] {
  return words.slice(1).map((word, place) => `${words[place]} ${word}`);
}

/** How many the two lists share, each as often as the list that has it less often. */
function common(a: string[], b: string[]): number {
  const left = new Map<string, number>();
  for (const item of a) left.set(item, (left.get(item) ?? 0) + 1);
  let shared = 0;
  for (const item of b) {
    const count = left.get(item) ?? 0;
    if (count === 0) continue;
    shared += 1;
    left.set(item, count - 1);
  }
  return shared;
}

/** Its length; two rows of the usual table are enough for that. */
export function longestCommonSubsequence(a: string[], b: string[]): number {
  let above = new Uint32Array(b.length + 1);
  let row = new Uint32Array(b.length + 1);
  for (const word of a) {
    for (let place = 0; place < b.length; place++) {
      row[place + 1] =
        word === b[place] ? (above[place] as number) + 1 : Math.max(above[place + 1] as number, row[place] as number);
    }
    [above, row] = [row, above];
  }
  return above[b.length] as number;
}
