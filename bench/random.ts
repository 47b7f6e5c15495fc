/** Numbers in 0..1 that look random and are the same each time: Marsaglia, "Xorshift RNGs", 2003. */
export function seededRandom(seed: number): () => number {
  let state = seed | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
