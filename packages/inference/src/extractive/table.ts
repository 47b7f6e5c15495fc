/**
 * Which words each sentence has, as sparse rows: memory grows with the text, not with its square. Sentence i has the
 * entries from `starts[i]` up to `starts[i + 1]`.
 */
export interface WordTable {
  starts: Uint32Array;
  /** The word of each entry; each word once per sentence. */
  words: Uint32Array;
  /** How often that word is in that sentence. */
  counts: Uint32Array;
  /** Of each word: ln(sentences / sentences that have it). */
  idf: Float64Array;
}

/** Sentences are lists of word numbers below `vocabulary`. */
export function tabulate(sentences: number[][], vocabulary: number): WordTable {
  const size = sentences.reduce((sum, words) => sum + words.length, 0);
  const starts = new Uint32Array(sentences.length + 1);
  const words = new Uint32Array(size);
  const counts = new Uint32Array(size);
  const frequency = new Uint32Array(vocabulary);
  // where each word was entered last, plus one: tells whether this sentence has it already
  const latest = new Uint32Array(vocabulary);
  let end = 0;
  for (const [row, sentence] of sentences.entries()) {
    const start = end;
    for (const word of sentence) {
      let entry = (latest[word] as number) - 1;
      if (entry < start) {
        entry = end++;
        latest[word] = end;
        words[entry] = word;
        frequency[word] = (frequency[word] as number) + 1;
      }
      counts[entry] = (counts[entry] as number) + 1;
    }
    starts[row + 1] = end;
  }
  const idf = Float64Array.from(frequency, (count) => (count === 0 ? 0 : Math.log(sentences.length / count)));
  return { starts, words: words.slice(0, end), counts: counts.slice(0, end), idf };
}

/** The same entries by word: word w is in the sentences `rows[starts[w]]` up to `rows[starts[w + 1]]`, at those entries. */
export interface WordIndex {
  starts: Uint32Array;
  rows: Uint32Array;
  entries: Uint32Array;
}

export function invert({ starts, words, idf }: WordTable): WordIndex {
  const ends = new Uint32Array(idf.length + 1);
  for (const word of words) ends[word + 1] = (ends[word + 1] as number) + 1;
  for (let word = 0; word < idf.length; word++) ends[word + 1] = (ends[word + 1] as number) + (ends[word] as number);
  const wordStarts = ends.slice();
  const rows = new Uint32Array(words.length);
  const entries = new Uint32Array(words.length);
  for (let row = 0; row + 1 < starts.length; row++) {
    for (let entry = starts[row] as number; entry < (starts[row + 1] as number); entry++) {
      const word = words[entry] as number;
      const place = ends[word] as number;
      ends[word] = place + 1;
      rows[place] = row;
      entries[place] = entry;
    }
  }
  return { starts: wordStarts, rows, entries };
}
