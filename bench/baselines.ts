import { countWords } from './budget.ts';
import { pageRank } from './pagerank.ts';
import { seededRandom } from './random.ts';
import { centroid, cosine, type Vector, weigh } from './vectors.ts';

export interface Sentences {
  texts: string[];
  /** The words of each, in lower case. */
  words: string[][];
}

/** In which order a method wants a document's sentences. Some end once so many words are reached. */
export type Baseline = (sentences: Sentences, budget: number) => number[];

/** Simple and well-known ways to choose sentences, to have something to compare with. */
export const baselines: Record<string, Baseline> = {
  Lead: ({ texts }) => [...texts.keys()],
  Random: ({ texts }) => {
    const random = seededRandom(texts.length);
    return rank(texts.map(random));
  },
  /** Mihalcea & Tarau, "TextRank: Bringing Order into Texts", EMNLP 2004: words in common. */
  TextRank: ({ words }) => {
    const sets = words.map((list) => new Set(list));
    return rank([...pageRank(words.length, (a, b) => overlap(sets[a] as Set<string>, sets[b] as Set<string>))]);
  },
  /** Erkan & Radev, "LexRank", JAIR 2004, the continuous variant: cosine of TF-IDF. */
  LexRank: ({ words }) => {
    const vectors = weigh(words);
    return rank([...pageRank(words.length, (a, b) => cosine(vectors[a] as Vector, vectors[b] as Vector))]);
  },
  /** Carbonell & Goldstein, "The Use of MMR", SIGIR 1998: like the whole document, unlike what is chosen. */
  MMR: ({ texts, words }, budget) => {
    const vectors = weigh(words);
    const whole = centroid(vectors);
    const relevance = vectors.map((vector) => cosine(vector, whole));
    const likeness = vectors.map(() => 0);
    const order: number[] = [];
    for (let used = 0; used < budget && order.length < texts.length; ) {
      const gains = relevance.map((value, place) => 0.7 * value - 0.3 * (likeness[place] as number));
      for (const place of order) gains[place] = Number.NEGATIVE_INFINITY;
      const [best = 0] = rank(gains);
      order.push(best);
      used += countWords(texts[best] as string);
      for (const [place, vector] of vectors.entries()) {
        likeness[place] = Math.max(likeness[place] as number, cosine(vector, vectors[best] as Vector));
      }
    }
    return order;
  },
};

function overlap(a: Set<string>, b: Set<string>): number {
  const scale = Math.log(a.size) + Math.log(b.size);
  return scale > 0 ? a.intersection(b).size / scale : 0;
}

/** Places from the highest score to the lowest, the earlier of two equal ones first. */
function rank(scores: number[]): number[] {
  return [...scores.keys()].sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b);
}
