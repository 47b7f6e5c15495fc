import { splitSentences } from '@slipway/inference/extractive/sentences';
import { splitWords } from '@slipway/inference/extractive/words';
import { expect, test } from 'vitest';
import { makeText } from './made-up.ts';

test.each(['latin', 'chinese'] as const)('makes the same %s text each time, in sentences', (script) => {
  const text = makeText(script, 20_000);
  expect(text).toHaveLength(20_000);
  expect(makeText(script, 20_000)).toBe(text);
  const lengths = text
    .split('\n\n')
    .flatMap(splitSentences)
    .map((sentence) => splitWords(sentence).length);
  expect(lengths.length).toBeGreaterThan(80);
  expect(lengths.reduce((sum, length) => sum + length, 0) / lengths.length).toBeLessThan(40);
});

test('uses a few words often and many seldom', () => {
  const counts = new Map<string, number>();
  for (const word of splitWords(makeText('latin', 200_000))) counts.set(word, (counts.get(word) ?? 0) + 1);
  const sorted = [...counts.values()].sort((a, b) => b - a);
  expect(sorted[0]).toBeGreaterThan(1000);
  expect(sorted.filter((count) => count === 1).length).toBeGreaterThan(0.3 * sorted.length);
});
