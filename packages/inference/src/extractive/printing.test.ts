import { expect, test } from 'vitest';
import { costOf, cutText, printSentences } from './printing.ts';

test('prints a paragraph or a list', () => {
  expect(printSentences(['One.', 'Two.'], 'paragraph')).toBe('One. Two.');
  expect(printSentences(['One.', 'Two'], 'bullets')).toBe('- One.\n- Two');
  expect(printSentences(['一。', '二。'], 'paragraph')).toBe('一。二。');
});

test('ends headings and unfinished sentences where another one follows', () => {
  expect(printSentences(['A plan', 'We go,', 'Why?', 'Last'], 'paragraph')).toBe('A plan. We go… Why? Last');
  expect(printSentences(['Τι κάνεις;', 'Καλά.'], 'paragraph')).toBe('Τι κάνεις; Καλά.');
  expect(printSentences(['计划', '好。'], 'paragraph')).toBe('计划。好。');
  expect(printSentences(['ประเทศไทย', 'สวยงาม'], 'paragraph')).toBe('ประเทศไทย สวยงาม');
});

test('balances a quotation that was torn apart', () => {
  expect(printSentences(['"I know.', 'You left."', '"Go," she said, "now.', '“So.'], 'bullets')).toBe(
    '- "I know."\n- You left.\n- "Go," she said, "now."\n- “So.”',
  );
  expect(printSentences(['A 5" pipe.'], 'paragraph')).toBe('A 5" pipe.');
});

test('cuts after a word', () => {
  expect(cutText('One two, three four.', 2)).toBe('One two…');
  expect(cutText('机器学习很有趣。', 2)).toBe('机器学习…');
  expect(cutText('One two.', 2)).toBe('One two.');
});

test('cuts an endless word, and symbols, by their length', () => {
  expect(cutText('a'.repeat(1000), 2)).toBe(`${'a'.repeat(40)}…`);
  expect(cutText('🎉'.repeat(1000), 1)).toBe(`${'🎉'.repeat(10)}…`);
  expect(cutText(`a${'𒀀'.repeat(1000)}`, 1)).toBe(`a${'𒀀'.repeat(9)}…`);
  expect(costOf('a'.repeat(1000), 1)).toBe(50);
  expect(costOf('Two words.', 2)).toBe(2);
});
