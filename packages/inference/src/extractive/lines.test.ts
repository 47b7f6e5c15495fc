import { expect, test } from 'vitest';
import { readLines } from './lines.ts';

test('takes every line ending, and one space for each run of white space', () => {
  expect(readLines('one\r\ntwo\u2028 three \t four\u2029five')).toEqual(['one', 'two', 'three four', '', 'five']);
});

test('puts the marks of a tokenized text back to their words', () => {
  const text = "I 'm here , too . \" Nice walls \" ( of stone ) , she did n't say . It 's F - seven , is n't it ?";
  expect(readLines(text)).toEqual([
    "I'm here, too. \"Nice walls\" (of stone), she didn't say. It's F-seven, isn't it?",
  ]);
});

test('starts a quotation anew where the one before was never closed', () => {
  const text = 'It said " OK here we go , then . Because you say " OK , how much ? " and leave . Yes , I do .';
  expect(readLines(text)).toEqual([
    'It said "OK here we go, then. Because you say "OK, how much?" and leave. Yes, I do.',
  ]);
});

test('leaves the French space before a question mark', () => {
  expect(readLines('Tu viens ? Oui : demain.')).toEqual(['Tu viens ? Oui : demain.']);
});
