import type { WordTable } from './table.ts';

/** TF-IDF of each entry of the table, each sentence's vector of length 1. */
export function unitVectors({ starts, words, counts, idf }: WordTable): Float64Array {
  const values = new Float64Array(words.length);
  for (let row = 0; row + 1 < starts.length; row++) {
    const start = starts[row] as number;
    const end = starts[row + 1] as number;
    let squares = 0;
    for (let entry = start; entry < end; entry++) {
      const value = (counts[entry] as number) * (idf[words[entry] as number] as number);
      values[entry] = value;
      squares += value * value;
    }
    const length = Math.sqrt(squares) || 1;
    for (let entry = start; entry < end; entry++) values[entry] = (values[entry] as number) / length;
  }
  return values;
}

/**
 * How much each sentence is like the text as a whole: the product of its vector with the sum of all, as in centroid-based
 * summaries (Radev et al., "Centroid-based summarization of multiple documents", 2004). Only ratios mean something.
 */
export function likenessToWhole(table: WordTable): Float64Array {
  const { starts, words, idf } = table;
  const values = unitVectors(table);
  const whole = new Float64Array(idf.length);
  for (let entry = 0; entry < words.length; entry++) {
    const word = words[entry] as number;
    whole[word] = (whole[word] as number) + (values[entry] as number);
  }
  return Float64Array.from({ length: starts.length - 1 }, (_, row) => {
    let product = 0;
    for (let entry = starts[row] as number; entry < (starts[row + 1] as number); entry++) {
      product += (values[entry] as number) * (whole[words[entry] as number] as number);
    }
    return product;
  });
}
