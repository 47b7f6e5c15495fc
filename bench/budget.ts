/** Words between white space, as people count them. */
export function countWords(text: string): number {
  return text.match(/\S+/g)?.length ?? 0;
}

/**
 * The sentences in the order in which a method wants them, until the budget is full; then in the document's order, cut
 * after exactly so many words. A sentence that was taken already is not taken again.
 */
export function fillBudget(sentences: string[], order: Iterable<number>, budget: number): string {
  const taken = new Map<string, number>();
  let used = 0;
  for (const place of order) {
    if (used >= budget) break;
    const sentence = sentences[place] as string;
    if (taken.has(sentence)) continue;
    taken.set(sentence, place);
    used += countWords(sentence);
  }
  const inOrder = [...taken].sort(([, a], [, b]) => a - b).map(([sentence]) => sentence);
  return (inOrder.join(' ').match(/\S+/g) ?? []).slice(0, budget).join(' ');
}
