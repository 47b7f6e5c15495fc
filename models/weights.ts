/**
 * Draws a matrix, row by row: numbers between ±scale·√(3 / rows), so that at scale 1 a product has the variance of what
 * it was made of.
 */
export type RandomWeights = (rows: number, columns: number, scale?: number) => Float32Array;

/**
 * Pseudo-random weights, the same for the same seed: a whole number from 1 to 2³² − 1.
 * Source: Marsaglia 2003, "Xorshift RNGs", https://doi.org/10.18637/jss.v008.i14
 */
export function randomWeights(seed: number): RandomWeights {
  if (!Number.isInteger(seed) || seed < 1 || seed >= 2 ** 32) throw new RangeError(`no seed: ${seed}`);
  let state = seed | 0;
  return (rows, columns, scale = 1) => {
    const bound = scale * Math.sqrt(3 / rows);
    const weights = new Float32Array(rows * columns);
    for (let i = 0; i < weights.length; i += 1) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      weights[i] = (state / 2 ** 31) * bound; // a signed number of 32 bits
    }
    return weights;
  };
}
