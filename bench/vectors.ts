/** Words and what they weigh; of length 1, or empty. */
export type Vector = ReadonlyMap<string, number>;

/** TF-IDF of each sentence, IDF being ln(sentences / sentences that have the word) within the document. */
export function weigh(sentences: string[][]): Vector[] {
  const frequency = new Map<string, number>();
  for (const words of sentences) for (const word of new Set(words)) frequency.set(word, (frequency.get(word) ?? 0) + 1);
  return sentences.map((words) => {
    const vector = new Map<string, number>();
    for (const word of words) {
      const idf = Math.log(sentences.length / (frequency.get(word) ?? 1));
      if (idf > 0) vector.set(word, (vector.get(word) ?? 0) + idf);
    }
    return normalize(vector);
  });
}

/** The mean of vectors, scaled to length 1. */
export function centroid(vectors: Vector[]): Vector {
  const sum = new Map<string, number>();
  for (const vector of vectors) for (const [word, value] of vector) sum.set(word, (sum.get(word) ?? 0) + value);
  return normalize(sum);
}

export function cosine(a: Vector, b: Vector): number {
  const [few, many] = a.size < b.size ? [a, b] : [b, a];
  let product = 0;
  for (const [word, value] of few) product += value * (many.get(word) ?? 0);
  return product;
}

function normalize(vector: Map<string, number>): Vector {
  const length = Math.hypot(...vector.values());
  for (const [word, value] of vector) vector.set(word, value / length);
  return vector;
}
