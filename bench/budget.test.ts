import { expect, test } from 'vitest';
import { countWords, fillBudget } from './budget.ts';

const sentences = ['One two three.', 'Four five.', 'One two three.', 'Six seven eight nine.'];

test('fills the budget in the order asked for and prints in the order of the document', () => {
  expect(fillBudget(sentences, [3, 1], 6)).toBe('Four five. Six seven eight nine.');
});

test('cuts after the last word of the budget', () => {
  expect(fillBudget(sentences, [3, 0, 1], 5)).toBe('One two three. Six seven');
});

test('takes a sentence once', () => {
  expect(fillBudget(sentences, [0, 2, 1], 9)).toBe('One two three. Four five.');
});

test('counts words between white space', () => {
  expect(countWords(' a well-known\n fact … ')).toBe(4);
  expect(countWords('')).toBe(0);
});
