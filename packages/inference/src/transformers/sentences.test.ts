import { expect, test } from 'vitest';
import { bullets, sentences, withoutLastSentence } from './sentences.ts';

test.each([
  ['One. Two! Three?', ['One. ', 'Two! ', 'Three?']],
  ['It cost $3.50 at 5 p.m. on Friday.', ['It cost $3.50 at 5 p.m. on Friday.']],
  ['Mr. Smith met Dr. Jones. They left.', ['Mr. Smith met Dr. Jones. ', 'They left.']],
  ['By J. R. Smith. Read it.', ['By J. R. Smith. ', 'Read it.']],
  ['He is from St.\nA new line.', ['He is from St.\n', 'A new line.']],
  ['漢字です。次の文。', ['漢字です。', '次の文。']],
  ['ends with Dr. ', ['ends with Dr. ']],
  ['', []],
])('%j', (text, expected) => {
  expect(sentences(text)).toEqual(expected);
});

test('the pieces joined give the text itself', () => {
  const text = '  Odd   spacing.\r\n\r\nMr. X\tsaid: "No." Then… nothing!? ok\n';
  expect(sentences(text).join('')).toBe(text);
});

test('bullets are one line per sentence', () => {
  expect(bullets('First one.  Second\none here. \n\n Third.')).toBe('- First one.\n- Second\n- one here.\n- Third.');
  expect(bullets(' \n ')).toBe('');
});

test('drops a sentence that was cut off, but not the only one', () => {
  expect(withoutLastSentence('A whole one. And half o')).toBe('A whole one.');
  expect(withoutLastSentence('Half o')).toBe('Half o');
});
