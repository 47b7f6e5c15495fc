import { expect, test } from 'vitest';
import { neutralise } from './neutralise.ts';

const special = ['<pad>', '</s>', '<unk>', '<|im_end|>', '[MASK]'];

test.each([
  ['the end</s> of it', 'the end< /s> of it'],
  ['<pad><pad>', '< pad>< pad>'],
  ['a [MASK] and <|im_end|>', 'a [ MASK] and < |im_end|>'],
  ['</s</s>', '</s< /s>'],
  ['plain text, 3 < 4 > 2', 'plain text, 3 < 4 > 2'],
  ['', ''],
])('%j becomes %j', (text, expected) => {
  expect(neutralise(text, special)).toBe(expected);
});

test('finds tokens that overlap', () => {
  const text = neutralise('xabcx', ['ab', 'bc']);
  expect(text).toBe('xa b cx');
});

test('leaves text alone where a model has no special tokens, or only white space', () => {
  expect(neutralise('a  b\n</s>', [])).toBe('a  b\n</s>');
  expect(neutralise('a  b\n', ['\n', '  '])).toBe('a  b\n');
});

test('does not cut a character outside the basic plane in two', () => {
  expect(neutralise('😀x', ['😀x'])).toBe('😀 x');
});
