import { expect, test } from 'vitest';
import { countWords } from './budget.ts';
import { methods } from './methods.ts';

const text = Array.from(
  { length: 30 },
  (_, place) => `Boat ${place} of the harbour is number ${place * 7} in the book that the town keeps of its boats.`,
).join(' ');

test.each(Object.keys(methods))('%s keeps to the budget and uses most of it', async (name) => {
  const summary = (await methods[name]?.(text, 60)) ?? '';
  expect(countWords(summary)).toBeLessThanOrEqual(60);
  expect(countWords(summary)).toBeGreaterThan(40);
});
