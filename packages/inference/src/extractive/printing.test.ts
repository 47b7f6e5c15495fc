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

const upTo = (max: number, min = 1) => ({ min, max });

test('cuts after a word', () => {
  expect(cutText('One two three four.', upTo(2))).toBe('One two…');
  expect(cutText('机器学习很有趣。', upTo(2))).toBe('机器学习…');
  expect(cutText('One two.', upTo(2))).toBe('One two.');
});

test('cuts at the end of a clause in the second half, but not before the minimum', () => {
  const text = 'The wall (of stone), which the town built in spring, shelters every boat because storms are frequent.';
  expect(cutText(text, upTo(6))).toBe('The wall (of stone)…');
  expect(cutText(text, upTo(6, 5))).toBe('The wall (of stone), which the…');
  expect(cutText(text, upTo(12))).toBe('The wall (of stone), which the town built in spring…');
  expect(cutText(text, upTo(14))).toBe('The wall (of stone), which the town built in spring, shelters every boat…');
  expect(cutText('It stops attacks on ships by using walls and towers.', upTo(6))).toBe('It stops attacks on ships…');
  expect(cutText('石墙保护港口，城市对每艘船收税。', upTo(5))).toBe('石墙保护港口…');
  expect(cutText('تحمي الجدران الميناء، وتدفع المدينة ثمنها كل عام', upTo(4))).toBe('تحمي الجدران الميناء…');
});

test('cuts an endless word, and symbols, by their length', () => {
  expect(cutText('a'.repeat(1000), upTo(2))).toBe(`${'a'.repeat(40)}…`);
  expect(cutText('🎉'.repeat(1000), upTo(1))).toBe(`${'🎉'.repeat(10)}…`);
  expect(cutText(`a${'𒀀'.repeat(1000)}`, upTo(1))).toBe(`a${'𒀀'.repeat(9)}…`);
  expect(costOf('a'.repeat(1000), 1)).toBe(50);
  expect(costOf('Two words.', 2)).toBe(2);
});
