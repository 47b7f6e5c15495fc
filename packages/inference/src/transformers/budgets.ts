/** Tokens for about two sentences: what a part of a long text must be allowed to say anything at all. */
const leastUseful = 48;

/**
 * How many tokens the summary of one part may take, so that the summaries of all parts fit into one window together
 * where that leaves enough for each. A third of the part at most: every round must make the text shorter.
 */
export function partBudget(partTokens: number, parts: number, window: number): number {
  // one token less, for the white space between two summaries
  const share = Math.floor(window / parts) - 1;
  return Math.max(1, Math.min(Math.floor(partTokens / 3), Math.max(leastUseful, share)));
}

/**
 * Tokens that are still to be generated for a text of `tokens`, if every part takes its whole budget: the sum over all
 * rounds and the last summary.
 */
export function expectedTokens(tokens: number, window: number, maxTokens: number): number {
  let expected = 0;
  let rest = tokens;
  while (rest > window) {
    const parts = Math.ceil(rest / window);
    const round = parts * partBudget(Math.floor(rest / parts), parts, window);
    expected += round;
    rest = Math.min(round, Math.floor(rest / 2));
  }
  return expected + Math.min(rest, maxTokens);
}
