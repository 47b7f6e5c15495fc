const damping = 0.85;
const rounds = 50;
const stillness = 1e-4;

/** PageRank over the full graph of n sentences; `likeness` is symmetric. Takes n² numbers, as in the papers. */
export function pageRank(n: number, likeness: (a: number, b: number) => number): Float64Array {
  const edges = new Float64Array(n * n);
  const degrees = new Float64Array(n);
  for (let a = 0; a < n; a++) {
    for (let b = a + 1; b < n; b++) {
      const value = likeness(a, b);
      edges[a * n + b] = value;
      edges[b * n + a] = value;
      degrees[a] = (degrees[a] as number) + value;
      degrees[b] = (degrees[b] as number) + value;
    }
  }
  let ranks: Float64Array = new Float64Array(n).fill(1);
  for (let round = 0; round < rounds; round++) {
    const next = new Float64Array(n).fill(1 - damping);
    for (let a = 0; a < n; a++) {
      const degree = degrees[a] as number;
      if (degree === 0) continue;
      const share = (damping * (ranks[a] as number)) / degree;
      for (let b = 0; b < n; b++) next[b] = (next[b] as number) + share * (edges[a * n + b] as number);
    }
    const still = next.every((rank, place) => Math.abs(rank - (ranks[place] as number)) < stillness);
    ranks = next;
    if (still) break;
  }
  return ranks;
}
